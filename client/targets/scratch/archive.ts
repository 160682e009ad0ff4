import { openRegularHandle } from '../../../engine/files/regularFile';

/** A member of an archive. Paths are absolute in the guest; parent directories are made as needed. */
export type ArchiveEntry =
  | { readonly path: string; readonly kind: 'directory'; readonly mode: number }
  | { readonly path: string; readonly kind: 'link'; readonly target: string }
  | { readonly path: string; readonly kind: 'text'; readonly text: string; readonly mode: number }
  /** The bytes of a file of this machine. */
  | { readonly path: string; readonly kind: 'file'; readonly source: string; readonly mode: number };

const DIRECTORY = 0o040000;
const REGULAR = 0o100000;
const LINK = 0o120000;

const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);

/** The header and the name of a "newc" member (Linux: Documentation/driver-api/early-userspace/buffer-format.rst). */
function header(inode: number, path: string, mode: number, size: number): Buffer {
  const name = Buffer.from(path.replace(/^\//, '') + '\0');
  const links = (mode & DIRECTORY) === DIRECTORY && (mode & REGULAR) !== REGULAR ? 2 : 1;
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name.length, 0];
  const text = '070701' + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return Buffer.concat([Buffer.from(text), name, padding(text.length + name.length)]);
}

function* parentsOf(path: string): Generator<string> {
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    yield path.slice(0, slash);
  }
}

/** Bytes of a file that are read at once. */
const PIECE = 1 << 20;

async function* member(
  inode: number,
  { source, path, mode }: ArchiveEntry & { kind: 'file' },
): AsyncGenerator<Buffer> {
  const { handle, status } = await openRegularHandle(source);
  try {
    const { size } = status;
    yield header(inode, path, REGULAR | mode, size);
    for (let left = size; left > 0;) {
      const piece = Buffer.allocUnsafe(Math.min(left, PIECE));
      const { bytesRead } = await handle.read(piece, 0, piece.length);
      if (bytesRead === 0) throw new Error(`${source} changed while it was read`);
      yield piece.subarray(0, bytesRead);
      left -= bytesRead;
    }
    yield padding(size);
  } finally {
    await handle.close();
  }
}

/**
 * An initramfs in the "newc" cpio format, owned by root whoever makes it. Where two entries name one path
 * the later stands.
 */
export async function* archive(entries: Iterable<ArchiveEntry>): AsyncGenerator<Buffer> {
  const byPath = new Map<string, ArchiveEntry>();
  for (const entry of entries) {
    for (const path of parentsOf(entry.path)) {
      if (!byPath.has(path)) {
        byPath.set(path, { path, kind: 'directory', mode: 0o755 });
      }
    }
    byPath.set(entry.path, entry);
  }
  let inode = 0;
  for (const entry of byPath.values()) {
    inode += 1;
    switch (entry.kind) {
      case 'directory':
        yield header(inode, entry.path, DIRECTORY | entry.mode, 0);
        break;
      case 'file':
        yield* member(inode, entry);
        break;
      case 'link':
      case 'text': {
        const [mode, data] =
          entry.kind === 'link'
            ? [LINK | 0o777, Buffer.from(entry.target)]
            : [REGULAR | entry.mode, Buffer.from(entry.text)];
        yield header(inode, entry.path, mode, data.length);
        yield Buffer.concat([data, padding(data.length)]);
        break;
      }
    }
  }
  yield header(0, 'TRAILER!!!', 0, 0);
}
