import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position, Range } from 'vscode-languageserver-types';
import { BudgetError } from '../../../kmod/budget';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { includesOfKbuild, kbuildModuleAt, modulesOfKbuild, namesModules } from '../../../kmod/kbuild';
import { parametersOf, scanModuleSource } from '../../../kmod/source/moduleSource';
import { stringOf } from '../../../kmod/source/strings';
import { withModuleSources } from '../../../server/language/c/service';
import type { ModuleSources } from '../../../server/language/c/sources';
import { RenameError } from '../../../server/language/features/rename';
import { createLanguageService, type LanguageService } from '../../../server/language/service';
import { FORMATS } from '../../../server/commands/reportFormats';
import { reportOf } from '../../../server/commands/report';
import { isTooLarge } from '../../../server/limits';
import { testCatalog } from '../../unit/server/harness';
import { C_RECIPES, KBUILD_RECIPES, MODPROBE_RECIPES } from '../corpus/sources';
import { text, type Reader } from '../reader';

const { signal } = new AbortController();

const catalog = testCatalog();

/** Offsets at which an editor may ask: the ends, and some places between. */
function offsetsOf(source: string): number[] {
  const places = [0, 0.1, 0.37, 0.5, 0.77, 0.95, 1].map((share) => Math.floor(share * source.length));
  const firstLine = source.indexOf('\n');
  return [...new Set([...places, Math.max(0, firstLine - 2)])];
}

/** Every request of an editor, then again after each of some edits. */
async function ask(service: LanguageService, document: TextDocument): Promise<void> {
  const source = document.getText();
  const at = (offset: number): Position => document.positionAt(offset);
  const all: Range = { start: at(0), end: at(source.length) };
  const diagnostics = service.validate(document);
  const reports = diagnostics.slice(0, 1000).map((diagnostic) => reportOf('x.conf', diagnostic));
  for (const print of FORMATS.values()) print(reports);
  service.symbols(document);
  service.foldingRanges(document);
  service.semanticTokens(document);
  service.format(document);
  await service.codeActions(document, all, { diagnostics: diagnostics.slice(0, 100) }, signal);
  await service.documentLinks(document);
  await service.codeLenses(document);
  await service.inlayHints(document, all, signal);
  for (const offset of offsetsOf(source)) {
    const position = at(offset);
    const { items } = await service.complete(document, position, signal);
    if (items[0] !== undefined) await service.resolveCompletion(items[0], signal);
    await service.hover(document, position, signal);
    await service.signatureHelp(document, position, signal);
    await service.definition(document, position, signal);
    await service.references(document, position, true);
    service.prepareRename(document, position);
    await service.rename(document, position, 'renamed').catch(unlessRefused);
    for (const item of (await service.prepareCallHierarchy(document, position)).slice(0, 3)) {
      await service.incomingCalls(document, item, signal);
      await service.outgoingCalls(document, item, signal);
    }
  }
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof RenameError)) throw error;
}

async function useLanguage(input: Buffer, language: ConfigLanguage): Promise<void> {
  const uri = `file:///etc/${language}.d/x.conf`;
  let document = TextDocument.create(uri, language, 1, input.toString());
  if (isTooLarge(document)) return;
  const service = createLanguageService({
    catalog: await catalog,
    configFiles: {
      readWith: (one) => Promise.resolve([one]),
      configurationWith: () => Promise.resolve(undefined),
      all: () => Promise.resolve([document]),
    },
  });
  await ask(service, document);
  await service.workspaceSymbols('o');
  // As it is typed: in the middle, and at the end.
  for (const [version, where] of [Math.floor(input.length / 2), input.length].entries()) {
    const place = document.positionAt(where);
    document = service.edit(document, [{ range: { start: place, end: place }, text: 'x\\' }], version + 2);
    service.validate(document);
  }
}

async function useSource(input: Buffer): Promise<void> {
  const source = input.toString();
  const document = TextDocument.create('file:///src/x.c', 'c', 1, source);
  const scan = scanModuleSource(source);
  parametersOf(scan);
  for (const { arguments: given } of scan.calls) for (const argument of given) stringOf(argument);
  const modules = [{ name: 'x', files: [{ uri: document.uri, scan }], complete: true, conditional: false }];
  const sources: ModuleSources = {
    peek: () => modules,
    get: () => Promise.resolve(modules),
    find: () => Promise.resolve(modules[0]),
    onDidChange: () => ({ dispose: () => undefined }),
  };
  const known = await catalog;
  const service = withModuleSources(createLanguageService({ catalog: known, sources }), {
    sources,
    catalog: known,
  });
  service.validate(document);
  const calls = scan.calls.flatMap(({ span }) => [span.start + 16, span.end - 1]);
  for (const offset of [...offsetsOf(source), ...calls.slice(0, 20), ...calls.slice(-4)]) {
    await service.hover(document, document.positionAt(offset), signal);
    await service.complete(document, document.positionAt(offset), signal);
  }
}

function useKbuild(input: Buffer): void {
  const source = input.toString();
  namesModules(source);
  modulesOfKbuild(source);
  includesOfKbuild(source);
  for (const offset of offsetsOf(source)) kbuildModuleAt(source, offset);
}

/** Milliseconds for some 100 requests of an editor, one after the other; a line may name 30,000 modules. */
const ALL_REQUESTS = 15_000;

const CONFIGURATION = text(
  '# A comment, and a continuation \\',
  '  of it',
  'alias fs-ext4 hello',
  'alias my-*[0-9] chain_base',
  'options hello count=1 who="a b" loud-ly=Y',
  'blacklist snd-hda-intel',
  'install hello /sbin/modprobe --ignore-install hello $CMDLINE_OPTS && /bin/true; modprobe -q chain_base',
  'remove hello /sbin/modprobe -r --ignore-remove hello',
  'softdep hello pre: chain_base snd-hda-intel post: other',
  'weakdep hello other',
);

export const LANGUAGE_READERS: readonly Reader[] = [
  {
    name: 'modprobe.d',
    seeds: [CONFIGURATION],
    words: [
      'alias ',
      'options ',
      'install ',
      'remove ',
      'softdep ',
      'blacklist ',
      'weakdep ',
      'pre:',
      'post:',
      'modprobe ',
      '--ignore-install ',
      '$CMDLINE_OPTS',
      '[',
      '*',
      '"',
      '\\\n',
      '\u200b',
      '# ',
      '; ',
      '/bin/false',
    ],
    recipes: MODPROBE_RECIPES,
    run: (input) => useLanguage(input, 'modprobe'),
    refusals: [BudgetError],
    share: 0.7,
    maxBytes: 64 << 10,
    maxMilliseconds: ALL_REQUESTS,
  },
  {
    name: 'depmod.d',
    seeds: [
      text(
        'search updates extra built-in',
        'override hello * extra',
        'external 6.1* /opt/modules',
        'exclude skipped',
        'make_map_files yes',
      ),
    ],
    words: ['search ', 'override ', 'external ', 'exclude ', 'updates', '*', '\\\n', '#'],
    run: (input) => useLanguage(input, 'depmod'),
    share: 0.4,
    maxBytes: 64 << 10,
    maxMilliseconds: ALL_REQUESTS,
  },
  {
    name: 'modules-load.d',
    seeds: [text('# A comment', 'hello', 'snd-hda-intel', '; other', 'fs-ext4')],
    words: ['#', ';', '\\\n', '.ko', 'hello', ' '],
    run: (input) => useLanguage(input, 'modules-load'),
    share: 0.4,
    maxBytes: 64 << 10,
    maxMilliseconds: ALL_REQUESTS,
  },
  {
    name: 'c-source',
    seeds: [
      text(
        '#include <linux/module.h>',
        '#include "own.h"',
        '/* A comment */ // and another',
        'static int count = 1;',
        'module_param(count, int, 0644);',
        'module_param_array(list, charp, &n, S_IRUGO | S_IWUSR);',
        'module_param_named(shown, hidden, bool, 0);',
        'MODULE_PARM_DESC(count, "How often" " to greet");',
        'MODULE_LICENSE("GPL v2");',
        'MODULE_ALIAS("platform:frobnicator-3000-controller");',
        'MODULE_SOFTDEP("pre: a b post: c");',
        'MODULE_DEVICE_TABLE(pci, ids);',
        'MODULE_AUTHOR("Some\\tbody \\x41\\101");',
        '#define MANY(x) \\',
        '  MODULE_ALIAS(#x)',
        'EXPORT_SYMBOL_GPL(one);',
      ),
    ],
    words: [
      'MODULE_ALIAS("',
      'MODULE_LICENSE("',
      'MODULE_SOFTDEP("',
      'MODULE_PARM_DESC(count, "',
      'module_param(',
      '(',
      ')',
      '"',
      '\\',
      '\\x',
      '/*',
      '*/',
      '//',
      '\\\n',
      '#include "',
      "'",
      'S_IRUGO | ',
    ],
    recipes: C_RECIPES,
    run: useSource,
    maxMilliseconds: ALL_REQUESTS,
  },
  {
    name: 'kbuild',
    seeds: [
      text(
        '# A comment',
        'obj-m := hello.o other.o',
        'obj-$(CONFIG_X) += third.o',
        'obj-m += last.o \\',
        '  continued.o',
        'hello-y := main.o util.o $(more)',
        'hello-objs += deep.o',
        'more = a.o b.o $(even-more)',
        'even-more = c.o',
        'ccflags-y := -I$(src)/include -I $(M)/x',
        'KDIR ?= /lib/modules/$(shell uname -r)/build',
        'all:',
        '\tmake -C $(KDIR) M=$(PWD) modules',
      ),
    ],
    words: [
      'obj-m',
      'obj-$(X)',
      ' := ',
      ' += ',
      '$(',
      ')',
      '${',
      '.o ',
      '\\\n',
      '#',
      '-y',
      '-objs',
      '-I$(src)/',
      '$(more)',
    ],
    recipes: KBUILD_RECIPES,
    run: useKbuild,
    refusals: [BudgetError],
  },
];
