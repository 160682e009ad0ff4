import { createHash } from 'node:crypto';
import type { ByteSource } from './bytes';
import { ElfFile } from './elf';

/** Bytes that are hashed at once: a file of debugging information is never held as a whole. */
const PIECE = 1 << 20;

/**
 * The SHA-256 of what a module file has of each section, by name, in hex; sections of one name are taken together,
 * and those that take no place in the file have none.
 * @throws ElfError, EndOfBytesError
 */
export function readDigests(source: ByteSource): Map<string, string> {
  const elf = new ElfFile(source);
  const hashes = new Map<string, ReturnType<typeof createHash>>();
  for (const { name, type, offset, size } of elf.sections) {
    if (type === 'null' || type === 'nobits') continue;
    elf.spend(size);
    const hash = hashes.get(name) ?? createHash('sha256');
    hashes.set(name, hash);
    for (let at = 0; at < size; at += PIECE) {
      hash.update(source.read(offset + at, Math.min(PIECE, size - at)));
    }
  }
  return new Map(Array.from(hashes, ([name, hash]) => [name, hash.digest('hex')]));
}
