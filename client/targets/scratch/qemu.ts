import { createServer } from 'node:net';
import { startProgram, type ChildProcess } from '../../../engine/base/startProgram';
import { MACHINES, type Architecture } from './architecture';
import type { SerialConsole } from '../serial/serialConsole';
import { findPrograms } from './programs';

/** "tcg" emulates the processor in software; "kvm" runs on the processor. */
export type Accelerator = 'tcg' | 'kvm';

export interface VirtualMachineOptions {
  readonly architecture: Architecture;
  readonly kernelImage: string;
  readonly initramfs: string;
  readonly accelerator: Accelerator;
  /** MiB. */
  readonly memory: number;
  readonly processors: number;
  /** Added to the kernel's command line. */
  readonly kernelArguments: readonly string[];
  /** Added to QEMU's command line, for example ["-device", "usb-ehci"]. */
  readonly qemuArguments: readonly string[];
  /** The console's line that ends the start well. */
  readonly readyLine: string;
  /** The console's line that ends the start badly. */
  readonly brokenLine: string;
  /** Milliseconds from the start to the ready line. */
  readonly startLimit: number;
  /** Where its console is seen, from its first character on. */
  readonly serial: SerialConsole;
  readonly signal: AbortSignal;
}

const NO_NETWORK =
  'its network did not come up: the kernel needs virtio_pci and virtio_net, built in or as modules';

/** A running QEMU. */
export interface VirtualMachine {
  readonly pid: number;
  /** On 127.0.0.1, forwarded to the guest's port 22. */
  readonly port: number;
  /** The end of what its serial console printed. */
  consoleText(): string;
  /** Aborts when QEMU has ended; the reason is a text that says why. */
  readonly ended: AbortSignal;
  /** Switches it off as one pulls a plug; resolves when QEMU has ended. */
  powerOff(): Promise<void>;
}

/** A virtual machine did not come up. */
export class MachineStartError extends Error {
  override readonly name = 'MachineStartError';
  constructor(
    message: string,
    /** The end of what its serial console printed. */
    readonly consoleText: string,
    readonly portTaken = false,
    /** This QEMU, or this machine's kernel, has no sandbox. */
    readonly unsandboxed = false,
  ) {
    super(message);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('a listening TCP socket has no port');
  }
  return address.port;
}

/**
 * The emulator translates code anew for each address that it is found at: with its processes at random ones, a start of
 * a program with shared libraries takes two to six times as long. The kernel's own addresses stay random.
 */
const STEADY_ADDRESSES = 'norandmaps';

/** Whoever takes QEMU over from the guest starts no program and gets no rights: seccomp(2), qemu(1). */
const SANDBOX = ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'];

function qemuArguments(options: VirtualMachineOptions, port: number, sandboxed: boolean): string[] {
  const machine = MACHINES[options.architecture];
  const emulated = options.accelerator === 'tcg';
  const commandLine = [
    `console=${machine.console}`,
    'quiet',
    'panic=-1',
    ...machine.kernelArguments,
    ...(emulated ? [STEADY_ADDRESSES] : []),
    ...options.kernelArguments,
  ];
  return [
    ...['-M', machine.board, '-accel', emulated ? 'tcg,thread=multi' : 'kvm', '-cpu', machine.processor],
    ...['-smp', String(options.processors), '-m', String(options.memory)],
    ...['-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-kernel', options.kernelImage, '-initrd', options.initramfs, '-append', commandLine.join(' ')],
    // restrict: the guest reaches neither this machine nor the network; only the forwarded port is open.
    ...['-netdev', `user,id=network,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    // It is not started from: no boot ROM, which a package of its own would have.
    ...['-device', 'virtio-net-pci,netdev=network,romfile='],
    // A device that does nothing until a driver claims it, for drivers to be tried on: samples/edu.
    ...['-device', 'edu'],
    ...options.qemuArguments,
    // Devices that start programs of their own need another one.
    ...(sandboxed && !options.qemuArguments.includes('-sandbox') ? SANDBOX : []),
  ];
}

/** How a child ended, as text; also when it could not be started. */
function whenEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code, signal) => {
      resolve(
        code === 0
          ? 'it was switched off or rebooted'
          : signal === null
            ? `QEMU ended with exit code ${code}`
            : `QEMU was ended by ${signal}`,
      );
    });
  });
}

function whenReady(options: VirtualMachineOptions, ended: AbortSignal): Promise<void> {
  const { serial } = options;
  return new Promise((resolve, reject) => {
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', cancel);
      ended.removeEventListener('abort', end);
      lines.dispose();
      if (error === undefined) {
        resolve();
      } else {
        reject(error);
      }
    };
    const cancel = (): void => {
      finish(options.signal.reason as Error);
    };
    const end = (): void => {
      const reason = String(ended.reason);
      finish(
        new MachineStartError(
          reason,
          serial.text,
          reason.includes('host forwarding rule'),
          /^qemu.*(-sandbox|seccomp)/m.test(reason),
        ),
      );
    };
    const timer = setTimeout(() => {
      finish(new MachineStartError(`it was not up after ${options.startLimit / 1000} s`, serial.text));
    }, options.startLimit);
    options.signal.addEventListener('abort', cancel);
    ended.addEventListener('abort', end);
    const lines = serial.onLine((line) => {
      if (line.endsWith(options.readyLine)) {
        finish();
      } else if (line.endsWith(options.brokenLine)) {
        finish(new MachineStartError(NO_NETWORK, serial.text));
      }
    });
  });
}

async function launch(
  options: VirtualMachineOptions,
  port: number,
  sandboxed: boolean,
): Promise<VirtualMachine> {
  const { qemu } = MACHINES[options.architecture];
  const programs = findPrograms(['setpriv', qemu]);
  options.signal.throwIfAborted();
  // The kernel ends QEMU when this process dies, even by SIGKILL (prctl(2), PR_SET_PDEATHSIG).
  const child = startProgram(
    programs.setpriv,
    ['--pdeathsig', 'KILL', programs[qemu], ...qemuArguments(options, port, sandboxed)],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const { serial } = options;
  serial.restart();
  // A write to a machine that is gone: its end tells.
  child.stdin.on('error', () => undefined);
  serial.open((data) => child.stdin.write(data));
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    serial.take(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-4096);
  });
  const ended = new AbortController();
  const exited = whenEnded(child).then((how) => {
    const reason = serial.panic ?? (stderr.trim() === '' ? how : stderr.trim());
    ended.abort(reason);
    serial.close({ kind: 'closed', reason });
  });
  const powerOff = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  try {
    await whenReady(options, ended.signal);
  } catch (error) {
    await powerOff();
    throw error;
  }
  return { pid: child.pid ?? 0, port, consoleText: () => serial.text, ended: ended.signal, powerOff };
}

/** How often another port is tried when somebody took the free one first. */
const PORT_ATTEMPTS = 5;

/**
 * Starts a virtual machine and waits until its SSH server listens. It ends with this process.
 * @throws MachineStartError, ConnectError when QEMU is missing, or the signal's reason
 */
export async function startVirtualMachine(options: VirtualMachineOptions): Promise<VirtualMachine> {
  let sandboxed = true;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(options, await freePort(), sandboxed);
    } catch (error) {
      if (!(error instanceof MachineStartError && attempt < PORT_ATTEMPTS)) {
        throw error;
      }
      if (error.unsandboxed && sandboxed) {
        sandboxed = false;
      } else if (!error.portTaken) {
        throw error;
      }
    }
  }
}
