import { describe, expect, it } from 'vitest';
import { CachedCatalog } from '../../../server/catalog/cachedCatalog';
import { CatalogError } from '../../../server/catalog/catalog';
import { HELLO, ORIGIN, SILENT, sourceOf } from './harness';

const { signal } = new AbortController();

describe('CachedCatalog', () => {
  it('reads each thing once, and says when it has it', async () => {
    const reads: string[] = [];
    const source = sourceOf([HELLO], []);
    const catalog = new CachedCatalog(
      {
        ...source,
        readIndex: () => (reads.push('index'), source.readIndex()),
        readInfo: (name) => (reads.push(name), source.readInfo(name)),
      },
      SILENT,
    );
    expect([catalog.peek('hello'), catalog.peek('hello')]).toEqual(['pending', 'pending']);
    await new Promise<void>((resolve) => catalog.onDidChange(resolve));
    expect(catalog.peek('hello')).toBe('module');
    await Promise.all([catalog.get('hello', signal), catalog.get('hello', signal), catalog.names(signal)]);
    expect(catalog.peekInfo('hello')).toEqual(HELLO);
    expect(reads).toEqual(['index', 'hello']);
  });

  it('calls a name absent once the source has denied it', async () => {
    const catalog = new CachedCatalog(
      { ...sourceOf([HELLO], []), readIndex: () => Promise.resolve({ names: [], aliases: [] }) },
      SILENT,
    );
    await catalog.names(signal);
    expect([catalog.peek('hello'), catalog.peek('nope')]).toEqual(['pending', 'pending']);
    await Promise.all([catalog.get('hello', signal), catalog.get('nope', signal)]);
    expect([catalog.peek('hello'), catalog.peek('nope')]).toEqual(['module', 'absent']);
  });

  it('takes - and _ for one, in names and in the patterns of aliases', async () => {
    const info = { ...HELLO, name: 'a_b' };
    const catalog = new CachedCatalog(sourceOf([info], ['char-major-10-*', 'fs-ext[2-4]']), SILENT);
    await catalog.names(signal);
    expect(catalog.peek('a-b')).toBe('module');
    expect(catalog.peek('char_major-10-200')).toBe('alias');
    expect(catalog.peek('fs_ext3')).toBe('alias');
    expect((await catalog.get('a-b', signal))?.origin).toEqual(ORIGIN);
  });

  it('does not ask again after a failure, and logs it when nobody waits', async () => {
    let reads = 0;
    const readIndex = () => (reads++, Promise.reject(new Error('connection lost')));
    const logged = new Promise<string>((resolve) => {
      const catalog = new CachedCatalog({ ...sourceOf([]), readIndex }, { ...SILENT, error: resolve });
      expect(catalog.peek('x')).toBe('pending');
      expect(catalog.peek('x')).toBe('pending');
    });
    const message = 'cannot read the list of modules of board-a (kernel 6.1.0-test): connection lost';
    expect(await logged).toBe(message);
    expect(reads).toBe(1);
    const catalog = new CachedCatalog({ ...sourceOf([]), readIndex }, SILENT);
    await expect(catalog.names(signal)).rejects.toThrow(CatalogError);
    await expect(catalog.names(signal)).rejects.toThrow('connection lost');
    expect(catalog.peek('x')).toBe('pending');
    expect(reads).toBe(2);
  });

  it('knows of parameters what modinfo lists, where the file cannot be read, and says so', async () => {
    const warned: string[] = [];
    const parameters = () => Promise.reject(new Error('a.ko can not be read by the login of this target'));
    const logger = { ...SILENT, warn: (message: string) => warned.push(message) };
    const catalog = new CachedCatalog({ ...sourceOf([HELLO], []), parameters }, logger);
    expect(catalog.peekParameters('hello')).toBeUndefined();
    await catalog.catchUp();
    expect(catalog.peekParameters('hello')).toBe('untold');
    expect(warned).toEqual([expect.stringContaining('can not be read by the login')]);
  });

  it('ends a wait that is given up, and only that', async () => {
    let answer: (info: typeof HELLO) => void = () => undefined;
    const source = {
      ...sourceOf([HELLO], []),
      readInfo: () => new Promise<typeof HELLO>((resolve) => (answer = resolve)),
    };
    const catalog = new CachedCatalog(source, SILENT);
    const controller = new AbortController();
    const given = catalog.get('hello', controller.signal);
    const kept = catalog.get('hello', signal);
    controller.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    answer(HELLO);
    expect((await kept)?.info).toEqual(HELLO);
  });
});
