import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { settledWithin } from './abort';
import { atHome } from './atHome';
import type { ActivitySource } from './activity';
import type { SshTargetDefinition } from './definition';
import { ConnectError, TargetLostError } from './errors';
import type { Log } from './log';
import type { Prompts } from './prompts';
import { OWN_ARCHITECTURE } from './scratch/architecture';
import { chooseKernel, type KernelChoice } from './scratch/chooseKernel';
import { ensureDebianRoot } from './scratch/debian';
import { BROKEN_LINE, ensureInitramfs, READY_LINE } from './scratch/initramfs';
import { ensureKeys, type ScratchKeys } from './scratch/keys';
import { kvmIsProven, recordKvm } from './scratch/kvm';
import {
  MachineStartError,
  startVirtualMachine,
  type Accelerator,
  type VirtualMachine,
  type VirtualMachineOptions,
} from './scratch/qemu';
import { SerialConsole } from './serial/serialConsole';
import { openSshTarget } from './sshTarget';
import { parseSshConfig } from './sshConfig';
import type { RunOptions, RunResult, StreamOptions, Target } from './target';

export interface ScratchOptions extends KernelChoice {
  readonly name: string;
  /** For what takes long to make and for the keys; only its owner can read it. */
  readonly cacheDirectory: string;
  /** The guest's root directory; BusyBox, kmod and dropbear of this machine or of Debian unless told. */
  readonly rootDirectory?: string | undefined;
  /** MiB; raised to what the kernel's modules need. */
  readonly memory?: number | undefined;
  /** Processors of the guest; one unless told. */
  readonly cpus?: number | undefined;
  /** Added to the kernel's command line. */
  readonly kernelArguments?: readonly string[] | undefined;
  /** Added to QEMU's command line, for example ["-device", "usb-ehci"]. */
  readonly qemuArguments?: readonly string[] | undefined;
  /** False: a guest whose insmod and modprobe are BusyBox's. */
  readonly kmod?: boolean;
  /** Unless told: KVM where a guest was seen to start on it, which asking for it once proves. */
  readonly accelerator?: Accelerator;
  /** Where its console is seen. */
  readonly serial?: SerialConsole | undefined;
  readonly log?: Log;
  /** Told what is being done, for a person. */
  readonly step?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** A target in a virtual machine of this process. */
export interface ScratchTarget extends Target {
  readonly machine: Pick<VirtualMachine, 'pid' | 'port' | 'consoleText'>;
  /** Milliseconds from the start of QEMU to the login. */
  readonly startDuration: number;
}

/** Milliseconds: a start takes about five seconds, and much longer on a machine that is busy. */
const START_LIMIT = 120_000;
const KVM_START_LIMIT = 20_000;

/** Nobody is asked anything: key and host key are the scratch kernel's own. */
const NO_PROMPTS: Prompts = {
  confirmHostKey: () => Promise.resolve(undefined),
  secret: () => Promise.resolve(undefined),
};

/**
 * Starts a throw-away kernel in QEMU and logs in to it as root. dispose() switches it off, and so does the end
 * of this process, however it ends.
 * @throws ConnectError of kind "start" that says what to install or where to look, or the signal's reason
 */
export async function openScratchTarget(options: ScratchOptions): Promise<ScratchTarget> {
  const { name, cacheDirectory, log = () => undefined, step = () => undefined } = options;
  const signal = options.signal ?? new AbortController().signal;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new ConnectError(
      `the scratch kernel runs on Linux on x86-64 only; this is ${process.platform} on ${process.arch}. Add a target over SSH instead.`,
      'start',
    );
  }
  await mkdir(cacheDirectory, { recursive: true, mode: 0o700 });
  const fetching = { cacheDirectory, step, signal };
  const kernel = await chooseKernel(options, fetching);
  const { architecture } = kernel;
  const foreign = architecture !== OWN_ARCHITECTURE;
  const rootDirectory =
    atHome(options.rootDirectory) ?? (foreign ? await ensureDebianRoot(architecture, fetching) : undefined);
  step(`preparing ${kernel.release}…`);
  const keys = await ensureKeys(join(cacheDirectory, 'keys'));
  const guest = { rootDirectory, kmod: options.kmod ?? true };
  const initramfs = await ensureInitramfs(kernel, keys, cacheDirectory, guest);

  step(`starting ${kernel.release}…`);
  const started = performance.now();
  const machine = await startOnBest(options, {
    architecture,
    kernelImage: kernel.image,
    initramfs: initramfs.path,
    memory: Math.max(options.memory ?? 512, memoryFor(initramfs.size)),
    processors: options.cpus ?? 1,
    kernelArguments: options.kernelArguments ?? [],
    qemuArguments: options.qemuArguments ?? [],
    readyLine: READY_LINE,
    brokenLine: BROKEN_LINE,
    startLimit: START_LIMIT,
    serial: options.serial ?? new SerialConsole(),
    signal,
  });
  try {
    const definition: SshTargetDefinition = {
      kind: 'ssh',
      name,
      host: '127.0.0.1',
      port: machine.port,
      user: 'root',
      identityFile: keys.identityFile,
    };
    // Nothing of ~/.ssh takes part: neither its configuration, nor its keys, nor its agent.
    const config = { ...parseSshConfig('', definition, homedir()), identityAgent: undefined };
    const ssh = await openSshTarget(definition, {
      prompts: NO_PROMPTS,
      log,
      signal,
      config,
      hostKey: keys.hostKey,
    });
    const duration = performance.now() - started;
    log('info', `${name}: ${kernel.release} up in ${(duration / 1000).toFixed(1)} s`);
    return new MachineTarget(ssh, machine, duration, await sshCommand(keys, machine.port));
  } catch (error) {
    await machine.powerOff();
    throw error;
  }
}

/** How a person's own ssh gets there: with the guest's keys, and nothing of it in their known_hosts. */
async function sshCommand({ identityFile, hostKey }: ScratchKeys, port: number): Promise<string[]> {
  const knownHosts = join(dirname(identityFile), 'known_hosts');
  await writeFile(knownHosts, `scratch ${hostKey}\n`, { mode: 0o600 });
  const options = [`UserKnownHostsFile=${knownHosts}`, 'HostKeyAlias=scratch', 'IdentitiesOnly=yes'];
  return [
    'ssh',
    ...options.flatMap((option) => ['-o', option]),
    ...['-i', identityFile, '-p', String(port), '-l', 'root', '--', '127.0.0.1'],
  ];
}

/** KVM where it is asked for or proven, else, and when it fails, the emulator. */
async function startOnBest(
  { name, cacheDirectory, accelerator, log }: ScratchOptions,
  options: Omit<VirtualMachineOptions, 'accelerator'>,
): Promise<VirtualMachine> {
  const own = options.architecture === OWN_ARCHITECTURE;
  if (own && (accelerator === 'kvm' || (accelerator === undefined && (await kvmIsProven(cacheDirectory))))) {
    try {
      const machine = await startVirtualMachine({
        ...options,
        accelerator: 'kvm',
        startLimit: KVM_START_LIMIT,
      });
      await recordKvm(cacheDirectory, true);
      return machine;
    } catch (error) {
      if (!(error instanceof MachineStartError)) {
        throw error;
      }
      log?.('warn', `the scratch kernel does not start on KVM (${error.message}); it is emulated`);
      await recordKvm(cacheDirectory, false);
    }
  }
  try {
    return await startVirtualMachine({ ...options, accelerator: 'tcg' });
  } catch (error) {
    throw error instanceof MachineStartError ? await startFailure(error, name, cacheDirectory) : error;
  }
}

/** MiB. The archive is in memory twice while it is unpacked, and what is unpacked may fill half of it. */
function memoryFor(initramfsSize: number): number {
  return Math.ceil((4 * initramfsSize) / (1 << 28)) * 256;
}

async function startFailure(
  error: MachineStartError,
  name: string,
  cacheDirectory: string,
): Promise<ConnectError> {
  const file = join(cacheDirectory, `console-${name.replaceAll(/[^\w.-]/g, '_')}.log`);
  await writeFile(file, error.consoleText, { mode: 0o600 });
  return new ConnectError(
    `the scratch kernel did not start: ${error.message}. What its console printed is in ${file}.`,
    'start',
    { cause: error },
  );
}

/** Milliseconds between the loss of the connection and the end of QEMU that explains it. */
const OBITUARY_LIMIT = 5000;

/** The SSH target, which also knows why its machine died, and switches it off. */
class MachineTarget implements ScratchTarget {
  readonly name: string;
  readonly lost: AbortSignal;
  readonly activity: ActivitySource | undefined;
  readonly #lost = new AbortController();

  constructor(
    private readonly ssh: Target,
    readonly machine: VirtualMachine,
    readonly startDuration: number,
    readonly sshCommand: readonly string[],
  ) {
    this.name = ssh.name;
    this.lost = this.#lost.signal;
    this.activity = ssh.activity;
    ssh.lost.addEventListener('abort', () => void this.#explainLoss());
  }

  run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return this.#explained(this.ssh.run(argv, options));
  }

  upload(...args: Parameters<Target['upload']>): Promise<void> {
    return this.#explained(this.ssh.upload(...args));
  }

  wake(): void {
    this.ssh.wake?.();
  }

  stream(argv: readonly string[], options: StreamOptions): Promise<RunResult | undefined> {
    return this.#explained(this.ssh.stream(argv, options));
  }

  async dispose(): Promise<void> {
    await this.ssh.dispose();
    this.#lost.abort(this.ssh.lost.reason);
    await this.machine.powerOff();
  }

  async #explained<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      throw error instanceof TargetLostError ? await this.#explainLoss() : error;
    }
  }

  /** A broken connection is but a symptom where the machine has ended. */
  async #explainLoss(): Promise<unknown> {
    const { ended } = this.machine;
    await settledWithin(whenAborted(ended), OBITUARY_LIMIT);
    if (!this.lost.aborted) {
      this.#lost.abort(
        ended.aborted
          ? new TargetLostError(this.name, `its virtual machine ended: ${String(ended.reason)}`)
          : this.ssh.lost.reason,
      );
    }
    return this.lost.reason;
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
