import { encodeText } from './text';

const COLON = 0x3a;
const MAX_ASCII = 0x7f;
const HEX_DIGITS = Buffer.from('0123456789ABCDEF');

/** Bytes that are written one after the other, into memory that is used again. */
export class ByteOutput {
  /** What stands past `length` means nothing. Others write here, too, where they reserved room. */
  memory = Buffer.allocUnsafeSlow(64 << 10);
  length = 0;

  reserve(count: number): void {
    if (this.length + count <= this.memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.memory.length, this.length + count));
    this.memory.copy(larger, 0, 0, this.length);
    this.memory = larger;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.memory.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Text by decodeText. */
  text(text: string): void {
    this.reserve(text.length);
    const { memory } = this;
    let at = this.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > MAX_ASCII) return this.bytes(encodeText(text));
      memory[at++] = code;
    }
    this.length = at;
  }

  /** `0A:FF:…`, so many bytes a line; lines after the first begin with two tabs. */
  hex(bytes: Uint8Array, bytesPerLine: number): void {
    this.reserve(6 * bytes.length);
    const { memory } = this;
    let at = this.length;
    for (let index = 0, lineEnd = bytesPerLine; index < bytes.length; index++) {
      if (index > 0) memory[at++] = COLON;
      if (index === lineEnd) {
        lineEnd += bytesPerLine;
        memory[at++] = 0x0a;
        memory[at++] = 0x09;
        memory[at++] = 0x09;
      }
      const byte = bytes[index] ?? 0;
      memory[at++] = HEX_DIGITS[byte >> 4] ?? 0;
      memory[at++] = HEX_DIGITS[byte & 15] ?? 0;
    }
    this.length = at;
  }

  /** All that was written; what is written next overwrites it. */
  take(): Buffer {
    const taken = this.memory.subarray(0, this.length);
    this.length = 0;
    return taken;
  }
}
