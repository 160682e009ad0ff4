import { closeSync, constants, openSync, readSync, type PathLike } from 'node:fs';
import { createModinfoScanner, type ModinfoScanner } from '../../kmod/modinfoScanner';
import { openRegularFile } from './regularFile';

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/** Finds .modinfo in thousands of module files of this machine. */
export function moduleScanner(): ModinfoScanner {
  return createModinfoScanner({ openSync: openForScan, readSync, closeSync });
}

/**
 * Opens a file of a kernel without a look at it first, which would cost a fifth of what the scan of a kernel costs.
 * What a link leads to gets that look. The entry itself may be a FIFO, which is not waited for, and where nothing can be
 * read at an offset; only root can make a device there, and in a sysroot Sysroot.locate tells of none.
 * @throws NotARegularFileError, and the file system's errors
 */
export function openForScan(path: PathLike): number {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
    return openRegularFile(path).descriptor;
  }
}
