import { isUtf8 } from 'node:buffer';

/**
 * Text of unknown encoding, kept without loss. Module authors write UTF-8, but .modinfo is bytes and old
 * modules hold Latin-1. A byte that is no UTF-8 becomes a lone surrogate U+DC80…U+DCFF (as in PEP 383),
 * which no valid UTF-8 decodes to, so that encodeText gives back exactly the bytes that were read.
 *
 * Bytes to text; never throws.
 */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? buffer.toString('utf8') : decodeWithEscapes(buffer);
}

/** The bytes that decodeText read. */
export function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  // That is what becomes of a lone surrogate.
  return bytes.includes('\ufffd') ? encodeEscapes(text) : bytes;
}

function encodeEscapes(text: string): Buffer {
  const parts = text.split(/([\udc80-\udcff])/u);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1 ? Buffer.of(part.charCodeAt(0) - 0xdc00) : Buffer.from(part, 'utf8'),
    ),
  );
}

function decodeWithEscapes(bytes: Uint8Array): string {
  // No character takes fewer bytes than units of UTF-16.
  const units = new Uint16Array(bytes.length);
  let end = 0;
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = characterLength(bytes, at);
    if (length < 2) {
      units[end++] = length === 0 ? 0xdc00 + lead : lead;
      at++;
      continue;
    }
    let code = lead & (0x7f >> length);
    for (const next = at + length; ++at < next;) code = (code << 6) | ((bytes[at] ?? 0) & 0x3f);
    if (code > 0xffff) {
      code -= 0x10000;
      units[end++] = 0xd800 + (code >> 10);
      code = 0xdc00 + (code & 0x3ff);
    }
    units[end++] = code;
  }
  return Buffer.from(units.buffer, 0, 2 * end).toString('utf16le');
}

/** How many bytes the character takes that begins here; 0: none does (RFC 3629, section 4). */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  for (let index = at + 1; index < at + length; index++) {
    if (((bytes[index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  // What could be written shorter, surrogates, and what is past U+10FFFF.
  const isNone =
    (lead === 0xe0 && second < 0xa0) ||
    (lead === 0xed && second > 0x9f) ||
    (lead === 0xf0 && second < 0x90) ||
    (lead === 0xf4 && second > 0x8f);
  return isNone ? 0 : length;
}

/** The bytes that decodeText read, one character each, for what compares bytes. */
export function toByteString(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(encodeText(text)).toString('latin1');
}

/** The lines of a text, one after the other: an array of all takes many times what a large file does. */
export function* linesOf(text: string): Generator<string, undefined> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}

/** A text without those of some characters that it ends with: a regular expression for it takes a square of the time. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/**
 * Characters of a line that is read for its meaning. The kernel's records have at most 1 KiB, and compilers name
 * files of at most 4 KiB (PATH_MAX).
 */
export const LONGEST_LINE = 8192;

/** The beginning of a line: what an expression is matched against is never longer than it has to be. */
export const cutLine = (line: string, limit = LONGEST_LINE): string =>
  line.length > limit ? line.slice(0, limit) : line;
