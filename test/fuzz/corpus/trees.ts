import { CHILDREN, HEAD_BYTES, MAGIC, OFFSET, PREFIX, VALUES, VERSION } from '../../../kmod/tree/indexFormat';
import type { Pump } from '../reader';

const lines = (bytes: number, length: number, line: (index: number) => string): string =>
  Array.from({ length: Math.max(1, Math.floor(bytes / length)) }, (_, index) => `${line(index)}\n`).join('');

const tree = (files: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    Object.entries(files)
      .map(([name, body]) => `@@ ${name}\n${body}`)
      .join(''),
    'latin1',
  );

/** All patterns of so many characters of * and ?. */
function wildcards(bytes: number): string {
  const depth = Math.max(1, Math.floor(Math.log2(Math.max(2, bytes / 24))));
  return lines(2 ** depth, 1, (index) => {
    const pattern = index.toString(2).padStart(depth, '0').replaceAll('0', '*').replaceAll('1', '?');
    return `alias pci:v${pattern} m`;
  });
}

export const TREE_RECIPES: Readonly<Record<string, Pump>> = {
  'modules that all need each other': (bytes) => {
    const count = Math.max(2, Math.floor(Math.sqrt(bytes / 9)));
    const names = Array.from({ length: count }, (_, index) => `m${index}.ko`);
    return tree({ 'modules.dep': names.map((name) => `${name}: ${names.join(' ')}\n`).join('') });
  },
  'a chain of dependencies': (bytes) =>
    tree({ 'modules.dep': lines(bytes, 18, (index) => `m${index}.ko: m${index + 1}.ko`) }),
  'aliases of * and ?': (bytes) => tree({ 'modules.alias': wildcards(bytes) }),
  'a deep alias of ?': (bytes) =>
    tree({ 'modules.alias': lines(bytes, Math.sqrt(bytes), (index) => `alias ${'?'.repeat(index * 2)} m`) }),
  'many aliases': (bytes) =>
    tree({
      'modules.alias': lines(bytes, 40, (index) => `alias pci:v0000${index}d*sv*sd*bc*sc*i* m${index}`),
    }),
  'aliases of one pattern': (bytes) =>
    tree({ 'modules.alias': lines(bytes, 40, (index) => `alias pci:v00008086d*sv*sd*bc*sc*i* m${index}`) }),
  'aliases of brackets': (bytes) =>
    tree({ 'modules.alias': lines(bytes, 60, (index) => `alias pci:v${'[0-9a-f]'.repeat(5)}*${index}* m`) }),
  'softdeps of each other': (bytes) =>
    tree({
      'modules.dep': lines(bytes / 4, 10, (index) => `m${index}.ko:`),
      'modules.softdep': lines(
        bytes,
        60,
        (index) => `softdep m${index} pre: m${index + 1} m${index + 2} m${index + 3}`,
      ),
    }),
};

const PAGE = 0x7f;

/** An index whose nodes all have as children, again and again, the one before: few bytes, very many paths. */
function shared(bytes: number): Buffer {
  const parts: Buffer[] = [];
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(MAGIC);
  head.writeUInt32BE(VERSION, 4);
  parts.push(head);
  let at = HEAD_BYTES;
  const leaf = Buffer.concat([word(1), word(0), Buffer.from('x\0')]);
  parts.push(leaf);
  let reference = (VALUES | (at & OFFSET)) >>> 0;
  at += leaf.length;
  const first = 0x2a;
  while (at + 2 + 4 * (PAGE - first) < bytes) {
    const children = Array.from({ length: PAGE - first + 1 }, () => word(reference));
    const node = Buffer.concat([Buffer.from('*\0'), Buffer.of(first, PAGE), ...children]);
    parts.push(node);
    reference = (PREFIX | CHILDREN | (at & OFFSET)) >>> 0;
    at += node.length;
  }
  head.writeUInt32BE(reference, 8);
  return Buffer.concat(parts);
}

/** An index whose one node claims more values than there are bytes. */
function values(bytes: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(MAGIC);
  head.writeUInt32BE(VERSION, 4);
  head.writeUInt32BE((VALUES | HEAD_BYTES) >>> 0, 8);
  return Buffer.concat([head, word(0xffff_ffff), Buffer.alloc(bytes)]);
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value >>> 0);
  return buffer;
}

export const INDEX_RECIPES: Readonly<Record<string, Pump>> = {
  'children that are shared': shared,
  'values that are not there': values,
};
