/** The ranges of kernel/params.c's integer types; `long` is as wide as the kernel's pointers. */
const INTEGER_BITS: Readonly<Record<string, { readonly bits: number | 'long'; readonly signed: boolean }>> = {
  byte: { bits: 8, signed: false },
  short: { bits: 16, signed: true },
  ushort: { bits: 16, signed: false },
  int: { bits: 32, signed: true },
  uint: { bits: 32, signed: false },
  hexint: { bits: 32, signed: false },
  long: { bits: 'long', signed: true },
  ulong: { bits: 'long', signed: false },
  ullong: { bits: 64, signed: false },
};

/**
 * kstrtobool() of lib/kstrtox.c reads one letter, or two after an 'o'. t, f, e and d are read since 5.19 and
 * later: what some kernel accepts is not refused here.
 */
const BOOLEAN = /^([yYnN10tTfFeEdD]|[oO][nNfF])/;

/** kstrtoull() and kstrtoll() with base 0: one sign, 0x or 0 as prefix, and one line feed at the end. */
const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)\n?$/;

/** kernel/params.c, param_set_charp(). */
const MAX_CHARP_LENGTH = 1024;

/**
 * Why the kernel would refuse a value (the module then does not load: EINVAL), in words that follow the
 * parameter's name; undefined where it takes the value, and for types that only their module knows.
 * @param type as parmtype tells it: int, bool, charp, "array of int", …
 * @param value undefined for a parameter that is given without '='
 * @param bits of the kernel, for long and ulong
 */
export function refuseValue(type: string, value: string | undefined, bits: 32 | 64 = 64): string | undefined {
  if (value === undefined) {
    const needsValue = type !== 'bool' && (type.startsWith('array of ') || isStandardType(type));
    return needsValue ? `needs a value (${type})` : undefined;
  }
  if (type.startsWith('array of ')) {
    const elementType = type.slice('array of '.length);
    return value
      .split(',')
      .map((element) => refuseValue(elementType, element, bits))
      .find((problem) => problem !== undefined);
  }
  if (type === 'bool' || type === 'invbool' || type === 'bint') {
    return BOOLEAN.test(value)
      ? undefined
      : `${quote(value)} is no ${type}: the kernel takes y, n, 1, 0, on or off`;
  }
  if (type === 'charp') {
    return Buffer.byteLength(value) > MAX_CHARP_LENGTH
      ? `is longer than the ${MAX_CHARP_LENGTH} bytes that the kernel takes`
      : undefined;
  }
  return refuseInteger(type, value, bits);
}

function isStandardType(type: string): boolean {
  return ['invbool', 'bint', 'charp', 'string'].includes(type) || INTEGER_BITS[type] !== undefined;
}

function refuseInteger(type: string, value: string, kernelBits: 32 | 64): string | undefined {
  const integer = INTEGER_BITS[type];
  if (integer === undefined) {
    return undefined;
  }
  const bits = integer.bits === 'long' ? kernelBits : integer.bits;
  const [min, max] = integer.signed
    ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
    : [0n, 2n ** BigInt(bits) - 1n];
  const [, sign, digits] = INTEGER.exec(value) ?? [];
  if (digits === undefined || (sign === '-' && !integer.signed)) {
    return `${quote(value)} is no ${type}: the kernel takes whole numbers from ${min} to ${max}, also as 0x1f or 017`;
  }
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const number = sign === '-' ? -magnitude : magnitude;
  return number < min || number > max
    ? `${quote(value)} is out of the range of ${type}, ${min} to ${max}`
    : undefined;
}

function quote(value: string): string {
  return JSON.stringify(value);
}
