import { getSystemErrorMap } from 'node:util';

/** What went wrong, for a person; an error of the file system as other tools tell it: `PATH: Permission denied`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { path, errno }: NodeJS.ErrnoException = error;
  return errno === undefined ? error.message : (path === undefined ? '' : `${path}: `) + strerror(error);
}

/** As strerror(3) says it. */
export function strerror({ errno, message }: NodeJS.ErrnoException): string {
  const text = getSystemErrorMap().get(errno ?? 0)?.[1] ?? message;
  return text.charAt(0).toUpperCase() + text.slice(1);
}
