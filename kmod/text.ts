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

function decodeWithEscapes(bytes: Buffer): string {
  let text = '';
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      text += bytes.toString('utf8', start, at) + String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      start = at + 1;
    }
    at += Math.max(length, 1);
  }
  return text + bytes.toString('utf8', start);
}

/** How many bytes the character takes that begins here; 0: none does. */
function characterLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return length === 1 || isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

/** The bytes that decodeText read, one character each, for what compares bytes. */
export function toByteString(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(encodeText(text)).toString('latin1');
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
