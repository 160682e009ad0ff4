import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashModuleBytes, hashModuleFile, openModuleFile } from '../../../../client/kernel/openModuleFile';
import { buildModule } from '../../kmod/elfBuilder';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'kmod-open-'))));
afterEach(() => rmSync(root, { recursive: true }));

const MODULE = buildModule(['name=a', 'vermagic=6.1.0 SMP ']);

it('reads a module, and the same one compressed', async () => {
  const [plain, packed] = [join(root, 'a.ko'), join(root, 'a.ko.gz')];
  const compressed = gzipSync(MODULE);
  writeFileSync(plain, MODULE);
  writeFileSync(packed, compressed);
  const opened = await openModuleFile(plain);
  expect(opened).toMatchObject({ file: plain, size: MODULE.length, compressed: false, release: '6.1.0' });
  expect(await openModuleFile(packed)).toEqual({
    ...opened,
    file: packed,
    size: compressed.length,
    compressed: true,
  });
});

it('hashes a file by pieces as it hashes its bytes', async () => {
  const file = join(root, 'a.ko');
  const bytes = buildModule(['name=a'], [{ name: '.debug_info', data: randomBytes(3 << 20) }]);
  writeFileSync(file, bytes);
  const hashed = await hashModuleFile(file);
  expect([...hashed.digests.keys()]).toEqual(['.text', '.modinfo', '.debug_info', '.shstrtab']);
  expect(await hashModuleBytes(bytes, file)).toEqual(hashed);
  expect(await hashModuleBytes(gzipSync(bytes), file)).toMatchObject({
    compressed: true,
    digests: hashed.digests,
  });
});

it('does not wait for a pipe of that name', async () => {
  const pipe = join(root, 'a.ko');
  execFileSync('mkfifo', [pipe]);
  await expect(openModuleFile(pipe)).rejects.toThrow('not a file, but');
});
