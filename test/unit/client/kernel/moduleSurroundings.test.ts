import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNeededModule, findOrigins } from '../../../../client/kernel/moduleSurroundings';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'kmod-surroundings-'))));
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text = ''): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const line = (symbol: string, exporter: string, crc = '0x00000001'): string =>
  `${crc}\t${symbol}\t${exporter}\tEXPORT_SYMBOL\t\n`;

describe('who exports a symbol', () => {
  const symbols = new Set(['own', 'kernel', 'installed', 'nobodys']);

  it('is told by the build of the module, the kernel and its modules, in a sysroot too', async () => {
    const file = put('lib/modules/6.1.0/extra/a.ko');
    const own = put('lib/modules/6.1.0/extra/Module.symvers', line('own', 'b'));
    const kernel = put('lib/modules/6.1.0/build/Module.symvers', line('kernel', 'vmlinux', '0x00000002'));
    const installed = put(
      'lib/modules/6.1.0/modules.symbols',
      'alias symbol:installed c\nalias symbol:own x\n',
    );
    const { origins, sources } = await findOrigins(symbols, { file, release: '6.1.0' });
    expect([...origins]).toEqual([
      ['own', { exporter: 'b', crc: 1 }],
      ['kernel', { exporter: 'vmlinux', crc: 2 }],
      ['installed', { exporter: 'c' }],
    ]);
    expect(sources).toEqual([own, kernel, installed]);
  });

  it('is asked of the configured build directory where that is of the same kernel', async () => {
    const file = put('project/a.ko');
    const kernelDirectory = dirname(put('linux/Module.symvers', line('kernel', 'vmlinux')));
    put('linux/include/config/kernel.release', '6.1.0\n');
    const same = await findOrigins(symbols, { file, release: '6.1.0', kernelDirectory });
    expect([...same.origins.keys()]).toEqual(['kernel']);
    const other = await findOrigins(symbols, { file, release: '6.2.0', kernelDirectory });
    expect(other).toEqual({ origins: new Map(), sources: [] });
  });
});

describe('the file of a module that another one needs', () => {
  it('is the one beside it, in either spelling', async () => {
    const file = put('project/a.ko');
    const beside = put('project/chain-base.ko');
    expect(await findNeededModule('chain_base', { file, release: undefined })).toBe(beside);
  });

  it('is the installed one else', async () => {
    const file = put('lib/modules/6.1.0/extra/a.ko');
    put('lib/modules/6.1.0/modules.dep', 'kernel/lib/crc-t10dif.ko.xz:\n');
    expect(await findNeededModule('crc_t10dif', { file, release: '6.1.0' })).toBe(
      join(root, 'lib/modules/6.1.0/kernel/lib/crc-t10dif.ko.xz'),
    );
  });

  it('is none for a name that is no name', async () => {
    const file = put('project/a.ko');
    put('secret.ko');
    expect(await findNeededModule('../secret', { file, release: undefined })).toBeUndefined();
  });
});
