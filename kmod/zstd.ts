/**
 * The largest window a frame may ask for: fzstd reserves it before it reads anything, and reaches back no
 * further. zstd's level 19, which Kbuild uses, asks for 8 MiB.
 */
const MAX_WINDOW = 32 << 20;

/**
 * Every frame has a window of its own, and the memory of one is not free before the next is reserved: what all of
 * them may take together, in bytes, beside what the file may hold. A module has one frame.
 */
const MAX_WINDOWS = 64 << 20;

/** fzstd calls itself once a frame. pzstd writes a frame for some mebibytes. */
const MAX_FRAMES = 1 << 10;

/** fzstd moves the whole window once a block: what that may cost, in bytes, before a file counts as a bomb. */
const MAX_MOVED = 16 * 2 ** 30;

/**
 * Walks the frames and blocks of a zstd file (RFC 8878, section 3.1) without decoding them, because fzstd
 * trusts the sizes that stand there. Returns what is wrong, undefined: nothing.
 * @param maxBytes the most that may come out
 */
export function checkZstd(bytes: Uint8Array, maxBytes: number): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let moved = 0;
  let frames = 0;
  let windows = 0;
  try {
    for (let at = 0; at < bytes.length;) {
      if (++frames > MAX_FRAMES) {
        return `a zstd file of more than ${MAX_FRAMES} frames`;
      }
      const magic = view.getUint32(at, true);
      if (magic >>> 4 === 0x184d2a5) {
        at += 8 + view.getUint32(at + 4, true);
        continue;
      }
      if (magic !== 0xfd2fb528) {
        return `damaged zstd file: no frame at byte ${at}`;
      }
      const frame = readFrameHeader(view, at);
      if (frame.dictionary !== 0) {
        return 'a zstd file that needs a dictionary';
      }
      if (frame.window > MAX_WINDOW) {
        return `a zstd file with a window of ${frame.window} bytes, more than ${MAX_WINDOW}`;
      }
      windows += frame.window;
      if (windows > MAX_WINDOWS + maxBytes) {
        return `a zstd file whose frames ask for windows of more than ${MAX_WINDOWS + maxBytes} bytes together`;
      }
      const { end, blocks } = skipBlocks(view, frame.blocks);
      moved += blocks * frame.window;
      if (moved > MAX_MOVED) {
        return 'a zstd file of so many small blocks that no compressor wrote it';
      }
      at = end + frame.checksumLength;
      if (at > bytes.length) {
        return 'damaged zstd file: it is truncated';
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) {
      return 'damaged zstd file: it is truncated';
    }
    throw error;
  }
}

interface FrameHeader {
  readonly window: number;
  readonly dictionary: number;
  readonly checksumLength: number;
  /** Where the first block begins. */
  readonly blocks: number;
}

function readFrameHeader(view: DataView, start: number): FrameHeader {
  const descriptor = view.getUint8(start + 4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionary = descriptor & 3;
  const contentSizeLength = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const contentSizeAt = start + (singleSegment ? 5 : 6) + (dictionary === 3 ? 4 : dictionary);
  return {
    window: singleSegment
      ? readContentSize(view, contentSizeAt, contentSizeLength)
      : readWindow(view.getUint8(start + 5)),
    dictionary,
    checksumLength: (descriptor & 4) !== 0 ? 4 : 0,
    blocks: contentSizeAt + contentSizeLength,
  };
}

function readWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function readContentSize(view: DataView, at: number, length: number): number {
  switch (length) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

const RLE_BLOCK = 1;

function skipBlocks(view: DataView, start: number): { end: number; blocks: number } {
  let at = start;
  for (let blocks = 1; ; blocks++) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    at += 3 + (((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3);
    if ((header & 1) !== 0) {
      return { end: at, blocks };
    }
  }
}
