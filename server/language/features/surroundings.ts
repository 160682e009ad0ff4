import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Configuration, ConfigurationEntry } from '../../../kmod/config/configuration';
import { parseConfig } from '../../../kmod/config/parse';
import type { ConfigLanguage, ConfigSyntax } from '../../../kmod/config/syntax';
import type { KmodVersion } from '../../../kmod/config/versions';
import { entriesOf, type Neighbouring } from '../analysis/entries';
import type { Entry, Masking } from '../analysis/finding';
import type { SyntaxCache } from '../documents';
import type { Neighbourhood, Neighbours } from '../neighbours';

/** What other files make of a document. */
export interface Surroundings {
  readonly neighbouring: Neighbouring;
  readonly masking?: Masking;
}

interface Known {
  readonly neighbours: Neighbours;
  readonly syntaxes: SyntaxCache;
}

const ALONE: Neighbouring = { before: [], after: [] };

/** The surroundings are the same as long as all of this is. */
export function surroundingsKey(
  document: TextDocument,
  { language }: ConfigSyntax,
  kmod: KmodVersion,
  known: Known,
): readonly unknown[] {
  const found = neighbourhoodOf(document, language, kmod, known);
  return found === undefined
    ? []
    : [found, ...found.configuration.files.map((file) => currentSyntax(file, document, found, known))];
}

/** Puts the open files in the place of those on disk: what was read once stays right while somebody types. */
export function readSurroundings(
  document: TextDocument,
  { language }: ConfigSyntax,
  kmod: KmodVersion,
  known: Known,
): Surroundings {
  const found = neighbourhoodOf(document, language, kmod, known);
  if (found === undefined) return { neighbouring: ALONE };
  const { configuration, uriOf } = found;
  const masking = maskingOf(document, found);
  const place = configuration.files.findIndex(({ path }) => uriOf(path) === document.uri);
  if (language === 'modprobe' && place < 0) return { neighbouring: ALONE, ...masking };
  const read = (files: Configuration['files']): Entry[] =>
    files.flatMap((file) => {
      const syntax = currentSyntax(file, document, found, known);
      return syntax === undefined ? [] : entriesOf(syntax, { path: file.path, uri: uriOf(file.path) });
    });
  const neighbouring = {
    before: read(configuration.files.slice(0, Math.max(place, 0))),
    after: [
      ...read(configuration.files.slice(place + 1)),
      ...configuration.entries.flatMap(entryOfCommandLine),
    ],
  };
  return { neighbouring, ...masking };
}

function neighbourhoodOf(
  document: TextDocument,
  language: ConfigLanguage,
  kmod: KmodVersion,
  { neighbours }: Known,
): Neighbourhood | undefined {
  return language === 'depmod' ? undefined : neighbours.peek(document, kmod);
}

/** Of another file; undefined: it cannot be read, or is the document itself. */
function currentSyntax(
  file: Configuration['files'][number],
  document: TextDocument,
  { uriOf }: Neighbourhood,
  { neighbours, syntaxes }: Known,
): ConfigSyntax | undefined {
  const uri = uriOf(file.path);
  if (uri === document.uri) return undefined;
  const open = neighbours.openDocument(uri);
  return open === undefined ? file.syntax : syntaxes.get(open);
}

function maskingOf({ uri }: TextDocument, found: Neighbourhood): { readonly masking?: Masking } {
  for (const { path, reason } of found.configuration.ignored) {
    // Where /lib is a link to /usr/lib, one file is met twice.
    if (reason.kind !== 'masked' || withoutUsr(path) === withoutUsr(reason.by)) continue;
    const [isMasked, masks] = [path, reason.by].map((each) => found.uriOf(each) === uri);
    if (isMasked === true && masks === true) continue;
    const other = (otherPath: string) => ({ path: otherPath, uri: found.uriOf(otherPath) });
    if (isMasked === true) return { masking: { kind: 'masked', other: other(reason.by) } };
    if (masks === true) return { masking: { kind: 'masks', other: other(path) } };
  }
  return {};
}

function withoutUsr(path: string): string {
  return path.replace(/^\/usr\/lib\//, '/lib/');
}

function entryOfCommandLine({ origin, kind, name, value }: ConfigurationEntry): Entry[] {
  if (origin.kind !== 'kernel-command-line') return [];
  const line = parseConfig('modprobe', `${kind} ${name} ${value}`.trimEnd());
  return entriesOf(line, { path: 'the kernel command line' });
}
