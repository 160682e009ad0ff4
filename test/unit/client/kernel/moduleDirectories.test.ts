import { describe, expect, it } from 'vitest';
import {
  builtinDirectoriesOf,
  directoriesOf,
  type ModuleDirectory,
} from '../../../../client/kernel/moduleDirectories';
import { ModuleTree } from '../../../../kmod/tree/moduleTree';

const treeOf = (dep: string, builtin = ''): ModuleTree =>
  ModuleTree.of((file) =>
    file === 'modules.dep' ? Buffer.from(dep) : file === 'modules.builtin' ? Buffer.from(builtin) : undefined,
  );

/** "kernel (3): fs (1): ext4": a directory with what is in it. */
const text = ({ label, count, directories, modules }: ModuleDirectory): string =>
  `${label} (${count}): ${[...directories.map((directory) => `[${text(directory)}]`), ...modules].join(' ')}`;

describe('The directories of modules', () => {
  it('are in order, and chains are one', () => {
    const tree = treeOf(
      'kernel/fs/ext4/ext4.ko:\nkernel/drivers/net/b.ko:\nkernel/drivers/net/a-x.ko:\nupdates/z.ko:\n',
    );
    expect(directoriesOf(tree).map(text)).toEqual([
      'kernel (3): [drivers/net (2): a_x b] [fs/ext4 (1): ext4]',
      'updates (1): z',
    ]);
  });

  it('hold modules beside directories', () => {
    expect(directoriesOf(treeOf('kernel/a.ko:\nkernel/net/b.ko:\n')).map(text)).toEqual([
      'kernel (2): [net (1): b] a',
    ]);
  });

  it('may be elsewhere, or none', () => {
    expect(directoriesOf(treeOf('/opt/board/a.ko:\nb.ko:\n')).map(text)).toEqual([
      '. (1): b',
      '/opt/board (1): a',
    ]);
  });

  it('end somewhere, whatever a target says', () => {
    expect(directoriesOf(treeOf(`${'d/'.repeat(100_000)}a.ko:\n`))[0]?.count).toBe(1);
  });

  it('are told of built-in modules, too', () => {
    expect(builtinDirectoriesOf(treeOf('', 'kernel/net/unix/unix.ko\n')).map(text)).toEqual([
      'kernel/net/unix (1): unix',
    ]);
  });
});
