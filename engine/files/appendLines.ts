import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NotARegularFileError } from './fileErrors';

const { O_RDWR, O_APPEND, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * Adds whole lines (latin1) to a file, or nothing: a disk may be full in the middle of one. A last line without its end
 * is ended first. Makes the file (0600) and its directory (0700).
 * @throws NotARegularFileError, and the file system's errors
 */
export async function appendLines(file: string, lines: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // A device is not even opened, and a FIFO that nobody reads would be waited for.
  const before = await stat(file).catch(() => undefined);
  if (before?.isFile() === false) throw new NotARegularFileError(file, 'a directory, a FIFO or a device');
  const handle = await open(file, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o600);
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new NotARegularFileError(file, 'a FIFO or a device');
    const { size } = status;
    const last = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    const endsInLine = last.bytesRead === 1 && last.buffer[0] !== 0x0a;
    try {
      await handle.appendFile(endsInLine ? `\n${lines}` : lines, 'latin1');
    } catch (error) {
      await handle.truncate(size);
      throw error;
    }
  } finally {
    await handle.close();
  }
}
