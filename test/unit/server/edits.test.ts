import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument, type TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import { readConfiguration } from '../../../kmod/config/configuration';
import { parseConfig } from '../../../kmod/config/parse';
import type { ConfigLanguage, ConfigSyntax } from '../../../kmod/config/syntax';
import { SyntaxCache } from '../../../server/language/documents';
import type { Neighbours } from '../../../server/language/neighbours';
import { createLanguageService } from '../../../server/language/service';
import { testCatalog } from './harness';

const DIRECTORY = '/etc/modprobe.d';
const FILES: Readonly<Record<string, string>> = {
  [`${DIRECTORY}/a.conf`]: 'alias a hello\nsoftdep b pre: c\noptions hello count=1\nblacklist mine\n',
  [`${DIRECTORY}/m.conf`]: '',
  [`${DIRECTORY}/z.conf`]:
    'install a* /bin/true\nalias c? b\nsoftdep c pre: a\noptions hello count=2 who=me\n',
};

const NAMES = [
  'hello',
  'chain_base',
  'snd-hda-intel',
  'a',
  'b',
  'c',
  'a*',
  '*',
  'c[12]',
  'off',
  'x[',
  'mine',
];
const LINES = [
  ...['alias N N', 'blacklist N', 'options N count=3 who=you', 'options N N=1', 'remove N /bin/true'],
  ...[
    'install N /bin/false',
    'install N modprobe N; modprobe -i N',
    'softdep N pre: N post: N',
    'softdep N N',
  ],
  ...['weakdep N N', 'search updates N', 'override N * extra', 'N', '# N', '', 'bogus N', ' # N', 'N N'],
];
const CHARACTERS = [
  '\\',
  '\\\n',
  '\n',
  '\r\n',
  '\r',
  '\0',
  '\ud800',
  '\udc00',
  '😀',
  '\ufeff',
  ' ',
  '\t',
  '#',
  'a',
  '=',
];

const line = fc
  .tuple(fc.constantFrom(...LINES), fc.array(fc.constantFrom(...NAMES), { minLength: 4, maxLength: 4 }))
  .map(([text, names]) => {
    let used = 0;
    return text.replace(/N/g, () => names[used++] ?? 'a');
  });
const lines = (maxLength: number) =>
  fc
    .tuple(fc.array(line, { maxLength }), fc.constantFrom('\n', '\n', '\n', '\r\n', '\\\n'))
    .map(([all, end]) => {
      return all.map((each) => each + end).join('');
    });
const pasted = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', ...CHARACTERS) },
  { weight: 2, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: lines(2) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
);
const place = fc.double({ min: 0, max: 1, noNaN: true });

/** A part of the text that is replaced; its length, too, is a share of the text, and mostly small. */
const edit = fc.record({
  at: place,
  length: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 30 })),
  text: pasted,
  isWhole: fc.integer({ min: 0, max: 60 }).map((number) => number === 0),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function changeOf(
  document: TextDocument,
  { at, length, text, isWhole }: Edit,
): TextDocumentContentChangeEvent {
  if (isWhole) return { text };
  const offset = Math.floor(at * (document.getText().length + 1));
  return { range: { start: document.positionAt(offset), end: document.positionAt(offset + length) }, text };
}

const inFull = ({ nodes, source, language }: ConfigSyntax): string =>
  JSON.stringify([
    language,
    source,
    nodes.map((node) => {
      const { text, start, end, firstLine, lastLine, backslashes } = node.line;
      const line = [text, start, end, firstLine, lastLine, backslashes];
      return node.kind === 'statement'
        ? [node.kind, line, node.command, node.directive?.name, node.arguments, node.problem]
        : [node.kind, line, node.kind === 'module' ? node.name : undefined];
    }),
  ]);

const neighbourhood = {
  configuration: await readConfiguration(
    {
      list: (path) =>
        Promise.resolve(
          path === DIRECTORY
            ? {
                kind: 'directory',
                entries: ['a.conf', 'm.conf', 'z.conf'].map((name) => ({ name, kind: 'file' as const })),
              }
            : { kind: 'missing' },
        ),
      read: (path) => Promise.resolve(FILES[path]),
    },
    { kmod: 34, kernelDirectory: '/lib/modules/x', searchPaths: [DIRECTORY] },
  ),
  uriOf: (path: string) => `file://${path}`,
};
const neighbours: Neighbours = { peek: () => neighbourhood, openDocument: () => undefined };

/** How often each text is edited, and how many texts there are. */
const EDITS = 50;

async function staysRight(texts: number, text: fc.Arbitrary<string>): Promise<number> {
  const catalog = await testCatalog();
  let made = 0;
  const language = fc.constantFrom<ConfigLanguage>(
    'modprobe',
    'modprobe',
    'modprobe',
    'depmod',
    'modules-load',
  );
  await fc.assert(
    fc.asyncProperty(
      language,
      text,
      fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: EDITS, maxLength: EDITS }),
      async (languageId, start, batches) => {
        const uri = `file://${languageId === 'modprobe' ? DIRECTORY : `/etc/${languageId}.d`}/m.conf`;
        const syntaxes = new SyntaxCache();
        const service = createLanguageService({ catalog, neighbours });
        const parsed = TextDocument.create(uri, languageId, 0, start);
        const checked = TextDocument.create(uri, languageId, 0, start);
        syntaxes.get(parsed);
        service.validate(checked);
        for (const [index, batch] of batches.entries()) {
          const version = index + 1;
          for (const each of batch) {
            const change = changeOf(parsed, each);
            syntaxes.edit(parsed, [change], version);
            service.edit(checked, [change], version);
            made++;
          }
          const source = parsed.getText();
          const syntax = syntaxes.get(parsed);
          expect(syntax && inFull(syntax)).toBe(inFull(parseConfig(languageId, source)));
          const found = service.validate(checked);
          const fresh = createLanguageService({ catalog, neighbours });
          const same = TextDocument.create(uri, languageId, version, source);
          expect(JSON.stringify(found)).toBe(JSON.stringify(fresh.validate(same)));
          // What the catalog did not know yet, it may know now.
          if (index % 10 === 0) await setImmediate();
        }
      },
    ),
    { numRuns: texts },
  );
  return made;
}

describe('a document that is edited', () => {
  it('is what a fresh look at its text finds: 5,000 edits of small files', { timeout: 900_000 }, async () => {
    expect(await staysRight(60, lines(12))).toBeGreaterThan(5_000);
  });

  it('is what a fresh look at its text finds: large files', { timeout: 900_000 }, async () => {
    const large = fc.array(line, { minLength: 300, maxLength: 600 }).map((all) => all.join('\n'));
    expect(await staysRight(5, large)).toBeGreaterThan(250);
  });
});
