/** A parameter can not be written so that the kernel reads what was meant. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  constructor(
    readonly parameter: string,
    reason: string,
  ) {
    super(`parameter ${JSON.stringify(parameter)}: ${reason}`);
  }
}

/** A word of a module's arguments. */
export interface ParameterAssignment {
  readonly name: string;
  /** Undefined where the word has no '='. */
  readonly value?: string;
}

/** The kernel's isspace(): it looks at bytes, and takes the Latin-1 no-break space for one, even inside UTF-8. */
const SPACE = /[\t-\r \xa0]/;

/** Where something stands in a text of one character a byte. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** A word of a module's arguments, by its places: the quotes around name and value are outside of them. */
export interface ParameterSpans extends ByteSpan {
  readonly name: ByteSpan;
  /** Undefined where the word has no '='. */
  readonly value?: ByteSpan;
}

/** Splits a module's argument string, of one character a byte (toByteText), as the kernel does. */
export function splitParameters(bytes: string): ParameterSpans[] {
  const words: ParameterSpans[] = [];
  for (let at = afterSpaces(bytes, 0); at < bytes.length;) {
    const word = nextArgument(bytes, at);
    words.push(word);
    at = afterSpaces(bytes, word.end);
  }
  return words;
}

/** The kernel's parse_args(): the words of a module's argument string, up to a `--`. */
export function parseParameters(text: string): ParameterAssignment[] {
  const bytes = toByteText(text);
  const at = ({ start, end }: ByteSpan): string => fromByteText(bytes.slice(start, end));
  const assignments = splitParameters(bytes).map(({ name, value }) =>
    value === undefined ? { name: at(name) } : { name: at(name), value: at(value) },
  );
  const end = assignments.findIndex((word) => word.name === '--' && word.value === undefined);
  return end < 0 ? assignments : assignments.slice(0, end);
}

/**
 * The word that gives a parameter its value, for the argument list of insmod or modprobe. There is no escape in
 * the kernel's syntax: only double quotes around the value, so some texts can not be said.
 * @throws ParameterError
 */
export function formatParameter(name: string, value: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) {
    throw new ParameterError(name, 'not the name of a parameter');
  }
  if (value.includes('\0')) {
    throw new ParameterError(name, 'a value can not hold a NUL');
  }
  const bytes = toByteText(value);
  const candidates = SPACE.test(bytes) ? [`"${value}"`] : [value, `"${value}"`];
  const word = candidates.map((text) => `${name}=${text}`).find((text) => isReadAs(text, name, bytes));
  if (word === undefined) {
    throw new ParameterError(
      name,
      `the kernel can not be given ${JSON.stringify(value)}: a value with blanks stands in double quotes, and these can not be escaped`,
    );
  }
  return word;
}

/** Parameter names are equal to the kernel when they differ only in '-' and '_' (kernel/params.c, parameq()). */
export function sameParameterName(a: string, b: string): boolean {
  return parameterKey(a) === parameterKey(b);
}

/** The same for all names that are equal to the kernel. */
export function parameterKey(name: string): string {
  return name.replaceAll('-', '_');
}

/** True if a word is read as this name and value, and leaves the word behind it alone. */
function isReadAs(word: string, name: string, value: string): boolean {
  const bytes = `${toByteText(word)} next`;
  const [first, second] = splitParameters(bytes);
  return (
    first?.value !== undefined &&
    bytes.slice(first.name.start, first.name.end) === name &&
    bytes.slice(first.value.start, first.value.end) === value &&
    second?.start === bytes.length - 'next'.length
  );
}

/** lib/cmdline.c, next_arg(). A quote at the very start counts for the whole word. */
function nextArgument(bytes: string, start: number): ParameterSpans {
  const quoted = bytes[start] === '"';
  const body = quoted ? start + 1 : start;
  let inQuote = quoted;
  let equals = body;
  let end = body;
  for (; end < bytes.length; end++) {
    const character = bytes.charAt(end);
    if (SPACE.test(character) && !inQuote) {
      break;
    }
    // An '=' in the first place is a part of the name.
    if (equals === body && character === '=') {
      equals = end;
    }
    if (character === '"') {
      inQuote = !inQuote;
    }
  }
  const unquoted = (from: number): ByteSpan => ({
    start: from,
    end: end > from && bytes[end - 1] === '"' ? end - 1 : end,
  });
  if (equals === body) {
    return { start, end, name: quoted ? unquoted(body) : { start: body, end } };
  }
  const valueQuoted = bytes[equals + 1] === '"' && equals + 1 < end;
  const from = valueQuoted ? equals + 2 : equals + 1;
  return {
    start,
    end,
    name: { start: body, end: equals },
    value: quoted || valueQuoted ? unquoted(from) : { start: from, end },
  };
}

function afterSpaces(bytes: string, start: number): number {
  let at = start;
  while (at < bytes.length && SPACE.test(bytes.charAt(at))) {
    at++;
  }
  return at;
}

/** UTF-8, a character for each byte. */
export function toByteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function fromByteText(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** The ranges of kernel/params.c's integer types; `long` is as wide as the kernel's pointers. */
const INTEGERS = new Map<string, { readonly bits: number | 'long'; readonly signed: boolean }>([
  ['byte', { bits: 8, signed: false }],
  ['short', { bits: 16, signed: true }],
  ['ushort', { bits: 16, signed: false }],
  ['int', { bits: 32, signed: true }],
  ['uint', { bits: 32, signed: false }],
  ['hexint', { bits: 32, signed: false }],
  ['long', { bits: 'long', signed: true }],
  ['ulong', { bits: 'long', signed: false }],
  ['ullong', { bits: 64, signed: false }],
]);

/**
 * kstrtobool() of lib/kstrtox.c reads one letter, or two after an 'o'. 6.1 also takes t and f, later kernels e and
 * d: what some kernel takes is not refused here.
 */
const BOOLEAN = /^([yYnN10tTfFeEdD]|[oO][nNfF])/;

/** kstrtoull() and kstrtoll() with base 0: one sign, 0x or 0 as prefix, and one line feed at the end. */
const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)\n?$/;

/** kernel/params.c, param_set_charp(). */
const MAX_CHARP_LENGTH = 1024;

/** Types besides the integers that can not stand without a value, as bool and bint can. */
const TYPES_WITH_VALUE = ['invbool', 'charp', 'string'];

/**
 * Why the kernel would refuse a value, and with it the load (EINVAL); undefined where it takes the value, and
 * for types that only their module knows.
 * @param parameter its type is parmtype's: int, bool, charp, "array of int", …
 * @param value undefined for a parameter that is given without '='
 * @param bits of the kernel, for long and ulong
 */
export function checkParameterValue(
  { type }: { readonly type?: string },
  value: string | undefined,
  bits: 32 | 64 = 64,
): string | undefined {
  if (type === undefined) {
    return undefined;
  }
  return value === undefined ? refuseAbsence(type) : refuseValue(type, value, bits);
}

function refuseAbsence(type: string): string | undefined {
  const needsValue = type.startsWith('array of ') || TYPES_WITH_VALUE.includes(type) || INTEGERS.has(type);
  return needsValue ? `a value is missing, of type ${type}` : undefined;
}

function refuseValue(type: string, value: string, bits: 32 | 64): string | undefined {
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
      : `${JSON.stringify(value)} is no ${type}: the kernel takes y, n, 1, 0, on or off`;
  }
  if (type === 'charp') {
    return Buffer.byteLength(value) > MAX_CHARP_LENGTH
      ? `the value is longer than the ${MAX_CHARP_LENGTH} bytes that the kernel takes`
      : undefined;
  }
  return refuseInteger(type, value, bits);
}

function refuseInteger(type: string, value: string, kernelBits: 32 | 64): string | undefined {
  const integer = INTEGERS.get(type);
  if (integer === undefined) {
    return undefined;
  }
  const bits = integer.bits === 'long' ? kernelBits : integer.bits;
  const [min, max] = integer.signed
    ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
    : [0n, 2n ** BigInt(bits) - 1n];
  const [, sign, digits] = INTEGER.exec(value) ?? [];
  if (digits === undefined || (sign === '-' && !integer.signed)) {
    return `${JSON.stringify(value)} is no ${type}: the kernel takes whole numbers from ${min} to ${max}, also as 0x1f or 017`;
  }
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const number = sign === '-' ? -magnitude : magnitude;
  return number < min || number > max
    ? `${JSON.stringify(value)} is out of the range of ${type}, ${min} to ${max}`
    : undefined;
}
