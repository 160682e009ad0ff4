// The main job, without an editor: build, load, see and unload the sample module on the scratch kernel,
// with the code that the extension runs.
import { relative } from 'node:path';
import { findKernelBuildDirectory } from '../client/build/kernelBuildDirectory';
import { builtModules } from '../client/build/kbuildProject';
import { makeCommand, type BuildRequest } from '../client/build/makeCommand';
import { runBuild } from '../client/build/runBuild';
import { execute } from '../client/kernel/command';
import { readParameters } from '../client/kernel/commands';
import { loadModule } from '../client/kernel/loadModule';
import { probeFacts } from '../client/kernel/probeFacts';
import { unloadModule } from '../client/kernel/unloadModule';
import { openScratchTarget } from '../client/targets/scratchTarget';
import type { Target } from '../client/targets/target';
import { HELLO, SCRATCH_CACHE } from './places';

const PARAMETERS = ['count=2', 'who=scratch kernel', 'loud=y', 'numbers=4,5,6'];

const say = (text: string): void => console.log(`  ${text}`);
const title = (text: string): void => console.log(`\n${text}`);
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

async function build(release: string, signal: AbortSignal): Promise<void> {
  const request: BuildRequest = {
    directory: HELLO,
    kernelDirectory: await findKernelBuildDirectory({ targetRelease: release }),
    target: 'modules',
  };
  say(makeCommand(request).join(' '));
  await runBuild(request, { signal, onLine: say });
}

async function loadAndUnload(target: Target, signal: AbortSignal): Promise<void> {
  const facts = await execute(target, probeFacts, signal);
  title(`Build samples/hello for ${facts.release}`);
  const building = performance.now();
  await build(facts.release, signal);
  const [file] = await builtModules(HELLO);
  if (file === undefined) {
    throw new Error(`the build of ${HELLO} made no module`);
  }
  say(`${relative(process.cwd(), file)} in ${seconds(building)}`);

  title(`Load hello with ${PARAMETERS.join(', ')}`);
  const loading = performance.now();
  const request = { target, facts, file, parameters: PARAMETERS, withLog: true, report: say };
  const loaded = await loadModule(request, signal);
  say(`loaded in ${seconds(loading)}; the kernel's line of /proc/modules:`);
  const { stdout } = await target.run(['grep', '^hello ', '/proc/modules'], { signal });
  say(`  ${stdout.toString().trim()}`);
  say('its parameters, read back:');
  for (const { name, value, mode } of await execute(target, readParameters('hello'), signal)) {
    say(`  ${name} = ${value ?? '(not readable)'} (0${mode.toString(8)})`);
  }
  tell(loaded);

  title('Unload hello');
  tell(await unloadModule({ target, name: 'hello', withLog: true }, signal));
  say('the kernel does not list it any more');
}

function tell({ kernelLog }: { readonly kernelLog: readonly string[] }): void {
  say('the kernel log meanwhile:');
  for (const line of kernelLog) {
    say(`  ${line}`);
  }
}

async function main(signal: AbortSignal): Promise<void> {
  title('Start the scratch kernel');
  const target = await openScratchTarget({
    name: 'scratch',
    cacheDirectory: SCRATCH_CACHE,
    step: say,
    log: (level, message) => (level === 'debug' ? undefined : say(message)),
    signal,
  });
  try {
    await loadAndUnload(target, signal);
  } finally {
    await target.dispose();
  }
  title('Done: built, loaded, seen and unloaded.');
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
main(interrupted.signal).catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
