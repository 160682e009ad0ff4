import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it, vi } from 'vitest';
import { LocalModules } from '../../../../client/kernel/localModules';
import { readModuleInfo } from '../../../../kmod/modinfo';
import { buildIdNote, buildModule, SHAPES } from '../../kmod/elfBuilder';

const directory = mkdtempSync(join(tmpdir(), 'kmod-local-'));
afterAll(() => rmSync(directory, { recursive: true }));

const SHAPE = SHAPES[0]!;

const moduleWith = (id: string): Buffer =>
  buildModule(
    ['name=hello', 'parm=count:How often', 'parmtype=count:int'],
    [{ name: '.note.gnu.build-id', type: 7, data: buildIdNote(SHAPE, Buffer.from(id, 'hex')) }],
    SHAPE,
  );

it.each([
  ['hello.ko', moduleWith('00ff10')],
  ['hello.ko.gz', gzipSync(moduleWith('00ff10'))],
])('reads all that %s says of itself', async (name, bytes) => {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  const modules = new LocalModules();
  const info = await modules.get(path);
  expect(info).toEqual(await readModuleInfo(bytes, path));
  expect(info).toMatchObject({ buildId: '00ff10', architecture: 'x86_64' });
  expect(modules.peek(path)).toBe(info);
});

it('tells when a file was built anew, by its build-id', async () => {
  const path = join(directory, 'anew.ko');
  const modules = new LocalModules();
  const changed = vi.fn();
  modules.onDidChange(changed);
  for (const [at, id] of ['00ff10', '00ff1122'].entries()) {
    writeFileSync(path, moduleWith(id));
    modules.want(path);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(at + 1));
    expect(modules.peek(path)?.buildId).toBe(id);
  }
  modules.dispose();
});
