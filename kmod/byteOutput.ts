import { encodeText } from './text';

const MAX_ASCII = 0x7f;
const LINE_FEED = 0x0a;
const TAB = 0x09;

/** Of each byte its two digits and a colon, as a little-endian word. */
const HEX = Uint32Array.from({ length: 256 }, (_, byte) => {
  const [high = 0, low = 0] = Buffer.from(byte.toString(16).toUpperCase().padStart(2, '0'));
  return high | (low << 8) | (0x3a << 16);
});

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
    if (bytes.length === 0) return;
    this.reserve(6 * bytes.length);
    const { memory } = this;
    let at = this.length;
    for (let index = 0, lineEnd = bytesPerLine; index < bytes.length; index++) {
      if (index === lineEnd) {
        memory[at++] = LINE_FEED;
        memory[at++] = TAB;
        memory[at++] = TAB;
        lineEnd += bytesPerLine;
      }
      const text = HEX[bytes[index] ?? 0] ?? 0;
      memory[at++] = text;
      memory[at++] = text >> 8;
      memory[at++] = text >> 16;
    }
    // There is no colon at the end.
    this.length = at - 1;
  }

  /** All that was written; what is written next overwrites it. */
  take(): Buffer {
    const taken = this.memory.subarray(0, this.length);
    this.length = 0;
    return taken;
  }
}
