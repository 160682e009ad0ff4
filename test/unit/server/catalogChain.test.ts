import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatalogChain } from '../../../server/catalog/catalogChain';
import { TargetModuleInfo, TargetModuleNames } from '../../../server/protocol';
import { HELLO, ORIGIN, SILENT } from './harness';
import { KERNEL, Sysroot } from './sysroot';

const { signal } = new AbortController();

let sysroot: Sysroot;

beforeEach(async () => {
  sysroot = await Sysroot.create();
});

afterEach(() => sysroot.remove());

describe('CatalogChain', () => {
  const answerFor = (method: string): unknown =>
    ({ [TargetModuleNames]: { names: ['hello'], aliases: [] }, [TargetModuleInfo]: HELLO })[method];

  const chainOf = () => new CatalogChain((method) => Promise.resolve(answerFor(method)), SILENT);

  it('asks the connected target, else the directory', async () => {
    await sysroot.install('6.1.0', KERNEL);
    const chain = chainOf();
    chain.choose({ directory: { sysroot: sysroot.path, release: '' } });
    expect(await chain.names(signal)).toContain('ext4');
    expect(chain.origin?.label).toBe(sysroot.path);
    chain.choose({ target: ORIGIN });
    expect(await chain.names(signal)).toEqual(['hello']);
    expect((await chain.get('hello', signal))?.origin).toEqual(ORIGIN);
    chain.choose({ target: undefined });
    expect(await chain.names(signal)).toContain('ext4');
  });

  it('keeps the last choice, whatever is opened first', async () => {
    await sysroot.install('6.1.0', KERNEL);
    const chain = chainOf();
    chain.choose({ directory: { sysroot: sysroot.path, release: '' } });
    const names = chain.names(signal);
    chain.choose({ target: ORIGIN });
    expect(await names).toEqual(['hello']);
    expect(chain.origin).toEqual(ORIGIN);
  });

  it('knows nothing where nothing is, and says so in the log', async () => {
    const warnings: string[] = [];
    const chain = new CatalogChain(() => Promise.reject(new Error('unused')), {
      ...SILENT,
      warn: (message) => warnings.push(message),
    });
    chain.choose({ directory: { sysroot: sysroot.path, release: '' } });
    expect(await chain.names(signal)).toEqual([]);
    expect(await chain.get('hello', signal)).toBeUndefined();
    expect([chain.origin, chain.peek('hello')]).toEqual([undefined, 'pending']);
    expect(warnings).toEqual([expect.stringContaining(sysroot.path)]);
  });

  it('finds what was installed since', async () => {
    const chain = chainOf();
    chain.choose({ directory: { sysroot: sysroot.path, release: '' } });
    expect(await chain.names(signal)).toEqual([]);
    await sysroot.install('6.1.0', KERNEL);
    await chain.refreshIfStale();
    expect(await chain.names(signal)).toContain('ext4');
  });
});
