import { isUtf8 } from 'node:buffer';
import { BudgetError } from '../budget';
import { bufferOf } from '../bytes';
import type { Steps } from '../steps';
import { checkLines } from './parse';

/**
 * The files of depmod and of the kernel's build that a tree is read from. depmod's .bin files say the same as these,
 * and a BusyBox system has none; modules.order is in the order of modules.dep.
 */
const TEXT_FILES = [
  'modules.dep',
  'modules.alias',
  'modules.symbols',
  'modules.softdep',
  'modules.weakdep',
  'modules.devname',
  'modules.builtin',
] as const;

const BUILTIN_MODINFO = 'modules.builtin.modinfo';

export const TREE_FILES = [...TEXT_FILES, BUILTIN_MODINFO] as const;

export type TextFile = (typeof TEXT_FILES)[number];
export type TreeFile = (typeof TREE_FILES)[number];

/** The largest of a full kernel has 2 MiB, and those in the second line some hundred kilobytes. Bytes. */
const MAX_BYTES: Readonly<Record<TreeFile, number>> = {
  'modules.dep': 64 << 20,
  'modules.alias': 64 << 20,
  'modules.symbols': 64 << 20,
  'modules.softdep': 4 << 20,
  'modules.weakdep': 4 << 20,
  'modules.devname': 4 << 20,
  'modules.builtin': 4 << 20,
  'modules.builtin.modinfo': 16 << 20,
};

/** @param read the bytes of a file; undefined: there is none */
export async function readTreeFiles(
  read: (file: TreeFile) => Promise<Uint8Array | undefined>,
): Promise<ReadonlyMap<TreeFile, Uint8Array | undefined>> {
  return new Map(await Promise.all(TREE_FILES.map(async (file) => [file, await read(file)] as const)));
}

/** The files as a tree keeps them. Throws BudgetError where one is larger than any kernel's. */
export function* readTreeTexts(
  bytesOf: (file: TreeFile) => Uint8Array | undefined,
): Steps<{ texts: ReadonlyMap<TextFile, string>; builtinModinfo: Uint8Array }> {
  const texts = new Map<TextFile, string>();
  for (const file of TEXT_FILES) {
    const text = textOf(checkSize(file, bytesOf(file)));
    yield* checkLines(file, text);
    texts.set(file, text);
  }
  return { texts, builtinModinfo: checkSize(BUILTIN_MODINFO, bytesOf(BUILTIN_MODINFO)) };
}

function checkSize(file: TreeFile, bytes: Uint8Array = new Uint8Array()): Uint8Array {
  const most = MAX_BYTES[file];
  if (bytes.length <= most) return bytes;
  throw new BudgetError(`${file} has ${bytes.length} bytes, more than ${most}, as no kernel's has`);
}

/** All that depmod writes is ASCII, but for paths. */
function textOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
