import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Appends lines to a file, whole or not at all: a line that was cut by a full disk would hide the next one. Makes the
 * file (0600) and its directory (0700). @throws what writing throws; the file is then as it was
 */
export async function appendWhole(path: string, lines: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const last = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    const isInsideLine = last.bytesRead === 1 && last.buffer[0] !== 0x0a;
    const data = Buffer.from(isInsideLine ? `\n${lines}` : lines, 'latin1');
    let written = 0;
    try {
      ({ bytesWritten: written } = await file.write(data));
      if (written < data.length) {
        throw new Error(`${path}: only ${written} of ${data.length} bytes could be written`);
      }
    } catch (error) {
      // Unless somebody else has appended meanwhile.
      if (written > 0 && (await file.stat()).size === size + written) {
        await file.truncate(size);
      }
      throw error;
    }
  } finally {
    await file.close();
  }
}
