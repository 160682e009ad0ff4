/** Why a kernel says that it is tainted: one bit of /proc/sys/kernel/tainted. */
export interface KernelTaint {
  /** As in an oops. */
  readonly letter: string;
  readonly meaning: string;
}

/** By bit (Documentation/admin-guide/tainted-kernels.rst, taint_flags[] of kernel/panic.c). */
const TAINTS: readonly KernelTaint[] = [
  { letter: 'P', meaning: 'a module with a licence that is not compatible with the GPL was loaded' },
  { letter: 'F', meaning: 'a module was loaded by force' },
  { letter: 'S', meaning: 'the processor or system is out of its specification' },
  { letter: 'R', meaning: 'a module was unloaded by force' },
  { letter: 'M', meaning: 'the processor reported a machine check exception' },
  { letter: 'B', meaning: 'a bad page was referenced, or a page had unexpected flags' },
  { letter: 'U', meaning: 'a user-space program asked for it' },
  { letter: 'D', meaning: 'the kernel died: there was an oops or a BUG' },
  { letter: 'A', meaning: 'an ACPI table was overridden' },
  { letter: 'W', meaning: 'the kernel issued a warning' },
  { letter: 'C', meaning: 'a staging driver was loaded' },
  { letter: 'I', meaning: 'it works around a bug of the platform’s firmware' },
  { letter: 'O', meaning: 'a module that was built outside of the kernel tree was loaded' },
  { letter: 'E', meaning: 'an unsigned module was loaded' },
  { letter: 'L', meaning: 'there was a soft lockup' },
  { letter: 'K', meaning: 'the kernel was live patched' },
  { letter: 'X', meaning: 'auxiliary, as the distribution defines it' },
  { letter: 'T', meaning: 'the kernel was built with randomised structures' },
  { letter: 'N', meaning: 'a test of the kernel’s own has run' },
  { letter: 'J', meaning: 'user space used a mutating debug operation of fwctl' },
];

/** The reasons of a value of /proc/sys/kernel/tainted; a bit that is newer than this table has its number. */
export function kernelTaints(value: number): KernelTaint[] {
  return Array.from({ length: 31 }, (_, bit) => bit)
    .filter((bit) => (value & (1 << bit)) !== 0)
    .map((bit) => TAINTS[bit] ?? { letter: '?', meaning: `bit ${bit}, which is newer than this extension` });
}
