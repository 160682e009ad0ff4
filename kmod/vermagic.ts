/** A vermagic string (include/linux/vermagic.h): the release, then what the kernel was built with. */
export interface Vermagic {
  readonly release: string;
  /** SMP, preempt, mod_unload, modversions, and what the architecture adds. */
  readonly flags: readonly string[];
}

export function parseVermagic(text: string): Vermagic {
  const [release = '', ...flags] = text.trim().split(/\s+/);
  return { release, flags };
}

export interface MagicDifference {
  /** The releases differ, and count. */
  readonly release: boolean;
  /** Flags of the kernel that the module lacks. */
  readonly missing: readonly string[];
  /** Flags of the module that the kernel lacks. */
  readonly extra: readonly string[];
}

/**
 * The kernel's own rule (kernel/module/version.c, same_magic()): the release does not count when the module has
 * symbol CRCs. A kernel without CONFIG_MODVERSIONS compares everything, but then the flag differs already.
 * Undefined: the kernel takes the module.
 */
export function compareMagic(
  moduleMagic: string,
  kernelMagic: string,
  hasCrcs: boolean,
): MagicDifference | undefined {
  const module = parseVermagic(moduleMagic);
  const kernel = parseVermagic(kernelMagic);
  const release = !hasCrcs && module.release !== kernel.release;
  if (!release && module.flags.join(' ') === kernel.flags.join(' ')) {
    return undefined;
  }
  const [ofModule, ofKernel] = [new Set(module.flags), new Set(kernel.flags)];
  return {
    release,
    missing: kernel.flags.filter((flag) => !ofModule.has(flag)),
    extra: module.flags.filter((flag) => !ofKernel.has(flag)),
  };
}
