import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { BuildOutput } from '../../../client/build/buildOutput';
import { builtModules, isBuildDirectory } from '../../../client/build/kbuildProject';
import { chooseToolChain } from '../../../client/build/toolChain';
import { LocalModules } from '../../../client/kernel/localModules';
import { scanModules } from '../../../client/kernel/moduleScan';
import { findOrigins } from '../../../client/kernel/moduleSurroundings';
import { hashModuleFile, openModuleFile } from '../../../client/kernel/openModuleFile';
import { KnownHosts, rememberHostKey } from '../../../client/targets/hostKeys';
import { readKernelImage } from '../../../client/targets/scratch/kernelImage';
import { findModuleDirectory } from '../../../client/targets/scratch/moduleDirectory';
import { ModuleDirectory } from '../../../server/catalog/moduleDirectory';
import { ConfigFilesOnDisk } from '../../../server/configFilesOnDisk';
import { SourcesOnDisk } from '../../../server/sources/moduleSources';
import { SILENT } from '../server/harness';
import { HOSTILE_FILES } from './files/hostileFiles';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'kmod-readers-'))));
afterEach(() => rmSync(root, { recursive: true }));

const { signal } = new AbortController();
const REFUSED = 'refused';
const refusal = (): string => REFUSED;

/** @returns its path */
function put(path: string, text: string): string {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
}

const sources = (): SourcesOnDisk =>
  new SourcesOnDisk({ open: () => [], folders: () => Promise.resolve([pathToFileURL(root).href]) });

const uriOf = (path: string): string => pathToFileURL(join(root, path)).href;

const install = (): string => put('lib/modules/6.1/modules.dep', 'kernel/m.ko:\n');

/** Where a hostile file lies, what reads it, and what comes of it: its error is told, or it is as none. */
const ROLES: readonly (readonly [file: string, read: (path: string) => unknown, outcome: unknown])[] = [
  ['Kbuild', () => isBuildDirectory(root), false],
  ['Makefile', () => isBuildDirectory(root), false],
  ['Kbuild', () => sources().find('m', signal), undefined],
  ['modules.order', () => builtModules(root), []],
  [
    'm.c',
    async () => {
      put('Kbuild', 'obj-m := m.o\n');
      return (await sources().find('m', signal))?.files;
    },
    [],
  ],
  [
    'm.c',
    () => {
      const kbuild = { path: join(root, 'Kbuild'), text: 'obj-m := m.o\n' };
      const output = new BuildOutput({ directory: root, kernelDirectory: root, kbuild });
      return output.line(`ERROR: modpost: "f" [${root}/m.ko] undefined!`).problem?.severity;
    },
    'error',
  ],
  ['m.ko', (path) => new LocalModules().get(path).catch(refusal), REFUSED],
  ['m.ko.zst', (path) => new LocalModules().get(path).catch(refusal), REFUSED],
  ['m.ko', (path) => openModuleFile(path).catch(refusal), REFUSED],
  ['m.ko', (path) => hashModuleFile(path).catch(refusal), REFUSED],
  [
    'm.ko',
    async (path) => {
      const unreadable: string[] = [];
      await scanModules([['m', path]], (file) => unreadable.push(file), signal);
      return unreadable.length;
    },
    1,
  ],
  [
    'lib/modules/6.1/kernel/m.ko',
    async () => {
      install();
      const directory = await ModuleDirectory.open({ sysroot: root, release: '' });
      return directory.readInfo('m').then((info) => info ?? REFUSED, refusal);
    },
    REFUSED,
  ],
  ...['modules.alias', 'modules.symbols', 'modules.builtin', 'modules.builtin.modinfo'].map(
    (name) =>
      [
        `lib/modules/6.1/${name}`,
        async () => {
          install();
          const directory = await ModuleDirectory.open({ sysroot: root, release: '' });
          return directory.readIndex().then((index) => (index.aliases?.length === 0 ? REFUSED : ''), refusal);
        },
        REFUSED,
      ] as const,
  ),
  [
    'Module.symvers',
    async () =>
      (await findOrigins(new Set(['f']), { file: join(root, 'm.ko'), release: undefined })).origins.size,
    0,
  ],
  ...['x/etc/modprobe.d/b.conf', 'modprobe.d/b.conf'].map(
    (path) =>
      [
        path,
        async () => {
          const document = TextDocument.create(
            uriOf(join(dirname(path), 'a.conf')),
            'modprobe',
            1,
            'blacklist a\n',
          );
          put(join(dirname(path), 'a.conf'), '');
          const files = new ConfigFilesOnDisk({
            open: () => [document],
            release: () => '6.1',
            logger: SILENT,
          });
          return (await files.readWith(document, 34))
            .map((each) => each.getText())
            .filter((text) => text !== '');
        },
        ['blacklist a\n'],
      ] as const,
  ),
  ['.config', async () => (await chooseToolChain({ kernelDirectory: root }, {})).arch, undefined],
  ['known_hosts', (path) => KnownHosts.read([path]).then(() => '', refusal), REFUSED],
  ['image', (path) => readKernelImage(path).then(() => '', refusal), REFUSED],
  [
    'modules.order',
    () => {
      put('include/config/kernel.release', '6.1\n');
      return findModuleDirectory(root, join(root, 'cache')).then(() => '', refusal);
    },
    REFUSED,
  ],
];

describe.each(HOSTILE_FILES)('$what', ({ make }) => {
  it.each(ROLES)('as %s is not waited for and not read to its end (%#)', async (file, read, outcome) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    make(join(root, file));
    const { arrayBuffers } = process.memoryUsage();
    expect(await read(join(root, file))).toEqual(outcome);
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(200 << 20);
  });
});

it('does not append a host key to what is no file', async () => {
  for (const { make, error } of HOSTILE_FILES.filter((each) => each.error === 'NotARegularFileError')) {
    const path = join(root, 'known_hosts');
    make(path);
    await expect(rememberHostKey(path, 'host', 22, Buffer.alloc(40), false)).rejects.toMatchObject({
      name: error,
    });
    rmSync(path, { recursive: true });
  }
});

it('answers of a sysroot whose lib is an absolute link with its own modules', async () => {
  put('usr/lib/modules/6.1/modules.dep', 'kernel/m.ko:\n');
  symlinkSync('/usr/lib', join(root, 'lib'));
  const { origin, directory } = await ModuleDirectory.open({ sysroot: root, release: '' });
  expect(origin).toEqual({ label: root, release: '6.1' });
  expect(directory).toBe(join(root, 'usr/lib/modules/6.1'));
});
