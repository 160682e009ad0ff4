import type { ProgramName } from './programs';

/** The processors that a scratch kernel can have. */
export type Architecture = 'x86-64' | 'arm64';

interface Machine {
  readonly qemu: ProgramName;
  /** Its board, its processor under emulation, and the console of that board. */
  readonly board: string;
  readonly processor: string;
  readonly console: string;
  /** What its kernel is told. */
  readonly kernelArguments: readonly string[];
  /** uname -m */
  readonly name: string;
  /** What Debian calls it. */
  readonly debian: string;
}

export const MACHINES: Readonly<Record<Architecture, Machine>> = {
  'x86-64': {
    qemu: 'qemu-system-x86_64',
    board: 'q35',
    processor: 'max',
    console: 'ttyS0',
    // Where the computer is so busy that the machine waits for its turn, the kernel would take the timer for broken.
    kernelArguments: ['no_timer_check'],
    name: 'x86_64',
    debian: 'amd64',
  },
  arm64: {
    qemu: 'qemu-system-aarch64',
    board: 'virt',
    // "max" computes the signature of a pointer at each call (PAuth): a start takes four times as long.
    processor: 'cortex-a57',
    console: 'ttyAMA0',
    kernelArguments: [],
    name: 'aarch64',
    debian: 'arm64',
  },
};

export const isArchitecture = (name: unknown): name is Architecture =>
  typeof name === 'string' && Object.hasOwn(MACHINES, name);

/** What this machine itself runs. */
export const OWN_ARCHITECTURE: Architecture = 'x86-64';
