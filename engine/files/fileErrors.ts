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
    super(path, `not a regular file, but ${kind}`);
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
    super(path, `it has more than ${limit} bytes, the limit for files of its kind`);
  }
}
