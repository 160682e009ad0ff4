/**
 * e_machine (elf-em.h) by the name that `uname -m` has for it on Linux; where the name tells 32 from 64 bits,
 * both. i386 and arm stand for all that uname tells of their kind (i686, armv7l, …).
 */
const NAMES = new Map<number, string | { readonly 32: string; readonly 64: string }>([
  [2, 'sparc'],
  [3, 'i386'],
  [4, 'm68k'],
  [8, { 32: 'mips', 64: 'mips64' }],
  [15, { 32: 'parisc', 64: 'parisc64' }],
  [20, 'ppc'],
  [21, 'ppc64'],
  [22, { 32: 's390', 64: 's390x' }],
  [40, 'arm'],
  [42, 'sh4'],
  [43, 'sparc64'],
  [50, 'ia64'],
  [62, 'x86_64'],
  [92, 'openrisc'],
  [93, 'arc'],
  [94, 'xtensa'],
  [113, 'nios2'],
  [164, 'hexagon'],
  [183, 'aarch64'],
  [189, 'microblaze'],
  [195, 'arc'],
  [243, { 32: 'riscv32', 64: 'riscv64' }],
  [252, 'csky'],
  [258, { 32: 'loongarch32', 64: 'loongarch64' }],
  [0x9026, 'alpha'],
]);

/** The kernel's name of an architecture; "machine 123" where there is none. */
export function architectureName(machine: number, bits: 32 | 64, byteOrder: 'little' | 'big'): string {
  const entry = NAMES.get(machine);
  const name = typeof entry === 'object' ? entry[bits] : (entry ?? `machine ${machine}`);
  if (name === 'ppc64' && byteOrder === 'little') {
    return 'ppc64le';
  }
  return byteOrder === 'big' && (name === 'aarch64' || name === 'arm') ? `${name}_be` : name;
}

/** The answers of `uname -m` that an architecture's kernels give where they differ from its name. */
const UNAME: ReadonlyMap<string, RegExp> = new Map([
  ['i386', /^i[3-6]86$/],
  // A 64-bit kernel tells 32-bit user space "armv8l", and so does a 32-bit kernel on such a processor.
  ['aarch64', /^(aarch64|armv8l)$/],
  ['arm', /^armv.*l$/],
  ['arm_be', /^armv.*b$/],
  ['sh4', /^sh\d/],
  ['mips', /^mips$/],
  ['ppc', /^ppc(le)?$/],
]);

/** Whether a module of an architecture fits a kernel that answers `machine` to uname -m; undefined: not known. */
export function runsOn(architecture: string, machine: string): boolean | undefined {
  if (architecture.startsWith('machine ')) {
    return undefined;
  }
  return UNAME.get(architecture)?.test(machine) ?? architecture === machine;
}
