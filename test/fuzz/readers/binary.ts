import { EndOfBytesError, sourceOf } from '../../../kmod/bytes';
import { BudgetError } from '../../../kmod/budget';
import { compareModules } from '../../../kmod/compare';
import { CompressedError, decompress } from '../../../kmod/compressed';
import { readContents } from '../../../kmod/contents';
import { readDigests } from '../../../kmod/digests';
import { ElfError } from '../../../kmod/elfHeaders';
import { inspectModule, scanModuleInfo } from '../../../kmod/modinfo';
import { formatModinfo } from '../../../kmod/modinfoText';
import { parameterNames } from '../../../kmod/parameterNames';
import { readPkcs7 } from '../../../kmod/pkcs7';
import { preflight } from '../../../kmod/preflight';
import { findSignature, isSigned, readSignature } from '../../../kmod/signature';
import { stripDebug } from '../../../kmod/stripDebug';
import { modulePage } from '../../../client/views/moduleViewer/modulePage';
import { comparisonPage } from '../../../client/views/moduleViewer/comparisonPage';
import { startOfPage } from '../../../client/views/moduleViewer/drawing/start';
import { pageText } from '../../../client/views/moduleViewer/pageText';
import { boundedPage } from '../../../client/views/moduleViewer/bounds';
import { MODULE_RECIPES, PACKED_RECIPES } from '../corpus/modules';
import { gzip, xz, zstdFrame } from '../packed';
import type { Reader } from '../reader';
import { MODULES, PKCS7, richModule } from '../samples';

const REFUSALS = [ElfError, EndOfBytesError, CompressedError, BudgetError];

/** Each part on its own: what one refuses, another may take. */
function each(...tasks: readonly (() => unknown)[]): void {
  const problems: unknown[] = [];
  for (const task of tasks) {
    try {
      task();
    } catch (error) {
      if (!REFUSALS.some((refusal) => error instanceof refusal)) throw error;
      problems.push(error);
    }
  }
}

function readModule(bytes: Uint8Array): void {
  const source = sourceOf(bytes);
  each(
    () => stripDebug(bytes),
    () => parameterNames(source, 'x.ko'),
    () => readSignature(source),
    () => {
      const module = inspectModule(source, 'x.ko');
      preflight(module, { machine: 'x86_64', release: '6.1.0', vermagic: '6.1.0 SMP', loaded: [] });
    },
    () => formatModinfo(scanModuleInfo(source, 'x.ko')),
    () => {
      const contents = readContents(source, 'x.ko');
      const opened = { file: '/x.ko', size: bytes.length, compressed: false, contents, release: '6.1.0' };
      const page = boundedPage(modulePage(opened));
      pageText(page);
      startOfPage(page);
      const digests = readDigests(source);
      compareModules({ contents, digests }, { contents, digests: new Map() });
      const [before, after] = [digests, new Map()].map((each) => ({
        label: 'x',
        opened: { ...opened, digests: each },
      }));
      if (before !== undefined && after !== undefined)
        startOfPage(boundedPage(comparisonPage(before, after)));
    },
  );
}

export const BINARY_READERS: readonly Reader[] = [
  {
    name: 'module',
    seeds: MODULES,
    words: [
      '.modinfo\0',
      '__versions\0',
      '.debug_x\0',
      'parm=a:b\0',
      'alias=\0',
      '~Module signature appended~\n',
    ],
    recipes: MODULE_RECIPES,
    run: readModule,
    refusals: REFUSALS,
  },
  {
    name: 'packed-module',
    seeds: [gzip, xz, zstdFrame].map((pack) => pack(richModule())),
    words: ['\x28\xb5\x2f\xfd', '\x1f\x8b'],
    recipes: PACKED_RECIPES,
    run: async (input) => readModule(await decompress(input)),
    refusals: REFUSALS,
    share: 0.5,
  },
  {
    name: 'signature',
    seeds: [PKCS7],
    words: ['0\x80', '0\x84\xff\xff\xff\xff', '\xa0\x82'],
    recipes: { nested: (bytes) => Buffer.alloc(bytes, '0\x80', 'latin1') },
    run: (input) => {
      readPkcs7(input);
      const source = sourceOf(input);
      each(
        () => isSigned(source),
        () => findSignature(source),
      );
    },
    share: 0.5,
  },
];
