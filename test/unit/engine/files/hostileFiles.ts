import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

interface HostileFile {
  readonly what: string;
  readonly make: (path: string) => void;
  /** The name of the error of who reads it. */
  readonly error: 'NotARegularFileError' | 'FileTooLargeError';
}

/** What may stand where a file should be. The devices are links: Git keeps them, and nobody needs rights for them. */
export const HOSTILE_FILES: readonly HostileFile[] = [
  { what: 'a FIFO', make: (path) => execFileSync('mkfifo', [path]), error: 'NotARegularFileError' },
  { what: 'a socket', make: makeSocket, error: 'NotARegularFileError' },
  { what: 'a directory', make: (path) => mkdirSync(path), error: 'NotARegularFileError' },
  { what: 'a link to /dev/zero', make: linkTo('/dev/zero'), error: 'NotARegularFileError' },
  { what: 'a link to /dev/ptmx', make: linkTo('/dev/ptmx'), error: 'NotARegularFileError' },
  { what: 'a link to a pagemap', make: linkTo('/proc/self/pagemap'), error: 'FileTooLargeError' },
  { what: 'a sparse file of 1 TB', make: makeSparse, error: 'FileTooLargeError' },
];

function linkTo(target: string): (path: string) => void {
  return (path) => symlinkSync(target, path);
}

function makeSparse(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 2 ** 40);
}

/** Of a process that is gone: a server of this one would take its socket along. */
function makeSocket(path: string): void {
  const listen = `require('node:net').createServer().listen(${JSON.stringify(basename(path))}, () => process.exit())`;
  execFileSync(process.execPath, ['-e', listen], { cwd: dirname(path) });
}
