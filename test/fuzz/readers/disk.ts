import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { ConnectError } from '../../../client/targets/errors';
import { readKernelImage } from '../../../client/targets/scratch/kernelImage';
import { openModuleFile } from '../../../client/kernel/openModuleFile';
import { builtModules, isBuildDirectory } from '../../../client/build/kbuildProject';
import { BudgetError } from '../../../kmod/budget';
import { EndOfBytesError } from '../../../kmod/bytes';
import { CompressedError } from '../../../kmod/compressed';
import { ElfError } from '../../../kmod/elfHeaders';
import { Checker } from '../../../server/commands/checker';
import { languageOf } from '../../../server/language/languageOf';
import { DEFAULT_SETTINGS } from '../../../server/language/settings';
import { gzip } from '../packed';
import { text, type Reader } from '../reader';
import { richModule } from '../samples';
import { filesIn } from '../sections';
import { arm64Image, zbootImage } from '../../unit/client/targets/scratch/imageBuilder';

/** A directory for one input. */
async function inDirectory(use: (directory: string) => unknown): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** `kmod-language-server check` of the files of a system. */
async function check(input: Buffer): Promise<void> {
  await inDirectory(async (root) => {
    const paths = ['etc/modprobe.d', 'etc/modules-load.d', 'etc/depmod.d', 'lib/modules/x', 'src'];
    for (const path of paths) mkdirSync(join(root, path), { recursive: true });
    const written = [...filesIn(input)].flatMap(([name, bytes]) => {
      const known = FILES[name];
      if (known === undefined) return [];
      writeFileSync(join(root, known), bytes);
      return [join(root, known)];
    });
    const checker = await Checker.open({ sysroot: root, release: 'x' }, DEFAULT_SETTINGS);
    for (const path of written) {
      const uri = pathToFileURL(path).href;
      const language = path.endsWith('.c') ? 'c' : languageOf('', uri);
      if (language !== undefined)
        await checker.check(TextDocument.create(uri, language, 1, input.toString()));
    }
  });
}

const FILES: Readonly<Record<string, string>> = {
  'a.conf': 'etc/modprobe.d/a.conf',
  'b.conf': 'etc/modprobe.d/b.conf',
  'load.conf': 'etc/modules-load.d/load.conf',
  'depmod.conf': 'etc/depmod.d/depmod.conf',
  'modules.dep': 'lib/modules/x/modules.dep',
  'modules.alias': 'lib/modules/x/modules.alias',
  Kbuild: 'src/Kbuild',
  'x.c': 'src/x.c',
};

export const DISK_READERS: readonly Reader[] = [
  {
    name: 'check',
    seeds: [
      text(
        '@@ a.conf',
        'alias fs-ext4 one',
        'options one a=1',
        'softdep one pre: two',
        '@@ b.conf',
        'install one modprobe -i one',
        'blacklist two',
        '@@ load.conf',
        'one',
        '@@ depmod.conf',
        'search updates',
        '@@ modules.dep',
        'kernel/one.ko: kernel/two.ko',
        'kernel/two.ko:',
        '@@ modules.alias',
        'alias fs-ext4 one',
        '@@ Kbuild',
        'obj-m := x.o',
        '@@ x.c',
        '#include "x.h"',
        'MODULE_ALIAS("a");',
      ),
    ],
    words: [
      '@@ x.c\n',
      '@@ Kbuild\n',
      '@@ a.conf\n',
      'softdep ',
      'alias ',
      '#include "',
      'obj-m := ',
      '$(a)',
      'MODULE_ALIAS("',
    ],
    run: check,
    refusals: [BudgetError],
    share: 0.2,
    maxBytes: 64 << 10,
  },
  {
    name: 'module-on-disk',
    seeds: [richModule(), gzip(richModule())],
    words: ['.modinfo\0'],
    run: (input) =>
      inDirectory(async (directory) => {
        const file = join(directory, 'x.ko');
        writeFileSync(file, input);
        writeFileSync(join(directory, 'modules.order'), input);
        writeFileSync(join(directory, 'Kbuild'), input);
        await isBuildDirectory(directory);
        await builtModules(directory);
        await openModuleFile(file);
      }),
    refusals: [ElfError, EndOfBytesError, CompressedError, BudgetError],
    share: 0.2,
  },
  {
    name: 'kernel-image',
    seeds: [bzImage(), arm64Image(), gzip(arm64Image()), zbootImage(gzip(arm64Image()))],
    words: ['HdrS', 'MZ\0\0zimg', 'Linux version 6', 'ARM\x64', 'gzip\0'],
    recipes: {
      'a packed image of zeros': (bytes) => gzip(Buffer.concat([arm64Image(), Buffer.alloc(bytes * 1000)])),
      'many banners': (bytes) => Buffer.concat([arm64Image(), Buffer.alloc(bytes, 'Linux version ')]),
    },
    run: (input) =>
      inDirectory((directory) => {
        const file = join(directory, 'Image');
        writeFileSync(file, input);
        return readKernelImage(file);
      }),
    refusals: [ConnectError],
    share: 0.2,
  },
];

function bzImage(): Buffer {
  const image = Buffer.alloc(0x400);
  image.write('HdrS', 0x202);
  image.writeUInt16LE(0x100, 0x20e);
  image.write('6.1.0 (builder) #1', 0x300);
  return image;
}
