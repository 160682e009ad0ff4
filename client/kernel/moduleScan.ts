import { closeSync, fstatSync, read } from 'node:fs';
import { moduleScanner, openForScan } from '../../engine/files/moduleScanner';
import { ModinfoIndex } from '../../kmod/modinfoIndex';
import type { ModinfoScanner } from '../../kmod/modinfoScanner';
import { readModinfo } from './openModuleFile';

/** Files between two looks at whether the reading was cancelled. */
const BATCH = 64;

/** Blocks of 512 bytes, of each file: less than that were read from a disk where most files are in the page cache. */
const COLD = 8;

/** Bytes at both ends of a file: all that is read of most modules. */
const ENDS = 16 << 10;

type NamedFile = readonly [name: string, file: string];

/**
 * What modules of this machine say of themselves, by their names.
 * @param onUnreadable is told of files that are no modules, which are left out
 * @throws the signal's reason
 */
export async function scanModules(
  files: readonly NamedFile[],
  onUnreadable: (file: string, error: unknown) => void,
  signal: AbortSignal,
): Promise<ModinfoIndex> {
  const scanner = moduleScanner();
  const index = new ModinfoIndex();
  let isCold = false;
  for (let start = 0; start < files.length; start += BATCH) {
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const batch = files.slice(start, start + BATCH);
    const { fsRead } = process.resourceUsage();
    if (isCold) await Promise.all(batch.map(([, file]) => readAhead(file)));
    for (const [name, file] of scanBatch(scanner, batch, index)) {
      try {
        index.add(name, await readModinfo(file));
      } catch (error) {
        onUnreadable(file, error);
      }
    }
    isCold = process.resourceUsage().fsRead - fsRead > COLD * batch.length;
  }
  return index;
}

/** What is left is not for the scanner. A function of its own: V8 would compile all of it anew with each loop around it. */
function scanBatch(scanner: ModinfoScanner, batch: readonly NamedFile[], index: ModinfoIndex): NamedFile[] {
  const left: NamedFile[] = [];
  for (const named of batch) {
    if (!scanOne(scanner, named, index)) left.push(named);
  }
  return left;
}

function scanOne(scanner: ModinfoScanner, [name, file]: NamedFile, index: ModinfoIndex): boolean {
  try {
    if (!scanner.scan(file)) return false;
  } catch {
    // The careful reader tells why.
    return false;
  }
  index.add(name, scanner.memory.subarray(scanner.found.start, scanner.found.end));
  return true;
}

/** Nobody looks at what is read: the kernel keeps it. A disk finds many pieces in little more time than one. */
function readAhead(path: string): Promise<void> {
  return new Promise((resolve) => {
    try {
      const file = openForScan(path);
      const ends = [0, Math.max(0, fstatSync(file).size - ENDS)];
      let left = ends.length;
      const done = (): void => {
        left--;
        if (left > 0) return;
        closeSync(file);
        resolve();
      };
      for (const position of ends) read(file, unread, 0, ENDS, position, done);
    } catch {
      // The scan will tell.
      resolve();
    }
  });
}

const unread = Buffer.allocUnsafeSlow(ENDS);
