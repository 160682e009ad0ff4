/** A file was not read, by a rule of ours: the file system would have let us. */
export class FileRefusedError extends Error {
  override name = 'FileRefusedError';

  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}

/** What is there is a directory, a device, a FIFO or a socket. */
export class NotARegularFileError extends FileRefusedError {
  override name = 'NotARegularFileError';

  /** @param kind "a directory" */
  constructor(path: string, kind: string) {
    super(path, `not a file, but ${kind}`);
  }
}

/** The file has more bytes than a file of its kind may have. */
export class FileTooLargeError extends FileRefusedError {
  override name = 'FileTooLargeError';

  /** @param limit in bytes */
  constructor(
    path: string,
    readonly limit: number,
  ) {
    super(path, `it has more than ${limit} bytes, and is not read`);
  }
}

/** There are more entries in a directory, or below it, than anybody has reason to put there. */
export class TooManyEntriesError extends FileRefusedError {
  override name = 'TooManyEntriesError';

  constructor(
    path: string,
    readonly limit: number,
  ) {
    super(path, `there are more than ${limit} files`);
  }
}
