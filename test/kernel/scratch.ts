import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { builtModules } from '../../client/build/kbuildProject';
import { findKernelBuildDirectory } from '../../client/build/kernelBuildDirectory';
import { runBuild } from '../../client/build/runBuild';
import { chooseToolChain } from '../../client/build/toolChain';
import { execute } from '../../client/kernel/command';
import { listModules } from '../../client/kernel/commands';
import { followKernelLog } from '../../client/kernel/kernelLog';
import type { KernelLogRecord } from '../../client/kernel/kmsg';
import { probeFacts } from '../../client/kernel/probeFacts';
import type { LoadedModule } from '../../client/kernel/procModules';
import type { SerialPlace } from '../../client/targets/definition';
import { findKernel, type Kernel } from '../../client/targets/scratch/findKernel';
import {
  openScratchTarget,
  type ScratchOptions,
  type ScratchTarget,
} from '../../client/targets/scratchTarget';
import { ensureKeys } from '../../client/targets/scratch/keys';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import { parseSshConfig } from '../../client/targets/sshConfig';
import { openSshTarget, type SshOptions } from '../../client/targets/sshTarget';
import type { Target, TargetFacts } from '../../client/targets/target';
import { TargetManager, type TargetState } from '../../client/targets/targetManager';

const ROOT = join(__dirname, '../..');
export const CACHE = join(ROOT, '.cache/scratch');

/** Never aborts. */
export const never = new AbortController().signal;

export function openScratch(options: Partial<ScratchOptions> = {}): Promise<ScratchTarget> {
  return openScratchTarget({ name: 'scratch', cacheDirectory: CACHE, ...options });
}

/** A command line that lists the files that a load left behind. */
export const LEFTOVERS = 'ls -a /tmp /run /dev/shm /var/tmp 2>/dev/null | grep vscode-kmod || true';

/** A directory that is removed after the tests of the file. */
export function useDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kmod-kernel-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Scratch {
  target: ScratchTarget;
  facts: TargetFacts;
  /** The module as the kernel lists it now. */
  loaded(name: string): Promise<LoadedModule | undefined>;
  /** What a shell of the guest prints. */
  shell(text: string): Promise<string>;
  /** Resolves when the kernel log shows a text: workflows write a mark right before they run a tool. */
  whenLogged(text: string): Promise<void>;
  /** The files that a load left behind. */
  leftovers(): Promise<string>;
}

export async function scratchOf(target: ScratchTarget): Promise<Scratch> {
  const shell = async (text: string): Promise<string> =>
    (await target.run(['sh', '-c', text])).stdout.toString();
  return {
    target,
    facts: await execute(target, probeFacts),
    loaded: async (name) => (await execute(target, listModules())).find((module) => module.name === name),
    shell,
    whenLogged: async (text) => {
      const seen = new AbortController();
      const onRecord = (record: KernelLogRecord): void => {
        if (record.text.includes(text)) {
          seen.abort();
        }
      };
      await followKernelLog(target, { onRecord, signal: seen.signal });
    },
    leftovers: () => shell(LEFTOVERS),
  };
}

/** One virtual machine for the tests of a file. */
export function useScratch(options: Partial<ScratchOptions> = {}): Scratch {
  const scratch = {} as Scratch;
  beforeAll(async () => {
    Object.assign(scratch, await scratchOf(await openScratch(options)));
  });
  afterAll(() => scratch.target?.dispose());
  return scratch;
}

/** A module whose init function returns when it is told to: a module's parameters can be written while it runs. */
export const WAITS_FOR_GO = {
  before: 'static int go; module_param(go, int, 0644);',
  init: 'while (!READ_ONCE(go)) msleep(50); return 0;',
};

/** Lets the init function of such a module return. */
export async function go(target: Target, name: string): Promise<void> {
  await target.run(['sh', '-c', `echo 1 > /sys/module/${name}/parameters/go`]);
}

/** Builds a directory against the scratch kernel, or another one; the .ko files by module name. */
async function build(directory: string, kernel?: Kernel): Promise<Record<string, string>> {
  const { buildDirectory, release } = kernel ?? (await findKernel());
  const kernelDirectory = await findKernelBuildDirectory({ offered: buildDirectory, targetRelease: release });
  const toolChain = await chooseToolChain({ kernelDirectory });
  await runBuild(
    { directory, kernelDirectory, target: 'modules', ...toolChain },
    { signal: never, onLine: () => undefined },
  );
  const files = await builtModules(directory);
  return Object.fromEntries(
    files.map((file) => [file.slice(file.lastIndexOf('/') + 1, -'.ko'.length), file]),
  );
}

/** A copy of a sample, built. */
export function buildSample(
  name: string,
  directory: string,
  kernel?: Kernel,
): Promise<Record<string, string>> {
  const copy = join(directory, name);
  cpSync(join(ROOT, 'samples', name), copy, {
    recursive: true,
    filter: (source) => !/\.(ko|o|mod|mod\.c|cmd|symvers|order|d)$/.test(source),
  });
  return build(copy, kernel);
}

/** Modules made of the body of their init function (and what stands before it), built in one go. */
export function buildModules(
  modules: Readonly<
    Record<string, { readonly init: string; readonly before?: string; readonly exit?: string }>
  >,
  directory: string,
): Promise<Record<string, string>> {
  for (const [name, { init, before = '', exit = '' }] of Object.entries(modules)) {
    writeFileSync(
      join(directory, `${name}.c`),
      `#include <linux/delay.h>
#include <linux/module.h>
${before}
static int __init start(void) { ${init} }
static void __exit stop(void) { ${exit} }
module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
`,
    );
  }
  const objects = Object.keys(modules).map((name) => `${name}.o`);
  writeFileSync(join(directory, 'Kbuild'), `obj-m := ${objects.join(' ')}\n`);
  return build(directory);
}

/** A manager whose target "board" is a scratch kernel's SSH server: the machine does not end with the connection. */
export async function boardOn(
  port: number,
  {
    limits,
    delays = [200, 500],
    serialConsole,
  }: { limits?: SshOptions['limits']; delays?: readonly number[]; serialConsole?: SerialPlace } = {},
): Promise<TargetManager> {
  const { identityFile, hostKey } = await ensureKeys(join(CACHE, 'keys'));
  const board = { kind: 'ssh', name: 'board', host: '127.0.0.1', port, user: 'root', identityFile } as const;
  const manager = new TargetManager({
    open: (_definition, { signal, step }) =>
      openSshTarget(board, {
        prompts: {
          confirmHostKey: () => Promise.resolve(undefined),
          secret: () => Promise.resolve(undefined),
        },
        config: { ...parseSshConfig('', board, '/nonexistent'), identityAgent: undefined },
        hostKey,
        ...(limits === undefined ? {} : { limits }),
        signal,
        step,
      }),
    probe: (target, signal) => welcomeTarget(target, signal, () => undefined),
    delays,
  });
  manager.setDefinitions([serialConsole === undefined ? board : { ...board, serialConsole }]);
  return manager;
}

/** Resolves with the state in which the board is as wanted. */
export function whenBoard<K extends TargetState['kind']>(
  manager: TargetManager,
  kind: K,
  fits: (state: Extract<TargetState, { kind: K }>) => boolean = () => true,
): Promise<Extract<TargetState, { kind: K }>> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const state = manager.state('board');
      if (state.kind === kind && fits(state as Extract<TargetState, { kind: K }>)) {
        subscription.dispose();
        resolve(state as Extract<TargetState, { kind: K }>);
        return true;
      }
      return false;
    };
    const subscription = manager.onDidChange(look);
    look();
  });
}
