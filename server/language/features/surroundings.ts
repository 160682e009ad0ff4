import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ConfigurationEntry } from '../../../kmod/config/configuration';
import { parseConfig } from '../../../kmod/config/parse';
import type { ConfigSyntax } from '../../../kmod/config/syntax';
import type { KmodVersion } from '../../../kmod/config/versions';
import { entriesOf } from '../analysis/entries';
import type { Entry, Masking } from '../analysis/finding';
import type { SyntaxCache } from '../documents';
import type { Neighbourhood, Neighbours } from '../neighbours';

/** What other files make of a document. */
export interface Surroundings {
  readonly entries: readonly Entry[];
  readonly masking?: Masking;
}

/** Puts the open files in the place of those on disk: what was read once stays right while somebody types. */
export function surroundingsOf(
  document: TextDocument,
  syntax: ConfigSyntax,
  kmod: KmodVersion,
  { neighbours, syntaxes }: { readonly neighbours: Neighbours; readonly syntaxes: SyntaxCache },
): Surroundings {
  const alone = { entries: syntax.language === 'modprobe' ? entriesOf(syntax) : [] };
  const found = syntax.language === 'depmod' ? undefined : neighbours.peek(document, kmod);
  if (found === undefined) return alone;
  const { configuration, uriOf } = found;
  let isRead = false;
  const entries = configuration.files.flatMap((file): Entry[] => {
    const uri = uriOf(file.path);
    if (uri === document.uri) {
      isRead = true;
      return entriesOf(syntax);
    }
    const open = neighbours.openDocument(uri);
    const other = open === undefined ? file.syntax : syntaxes.get(open);
    return other === undefined ? [] : entriesOf(other, { path: file.path, uri });
  });
  const masking = maskingOf(document, found);
  if (syntax.language === 'modprobe' && !isRead) return { ...alone, ...masking };
  return { entries: [...entries, ...configuration.entries.flatMap(entryOfCommandLine)], ...masking };
}

function maskingOf({ uri }: TextDocument, found: Neighbourhood): { readonly masking?: Masking } {
  for (const { path, reason } of found.configuration.ignored) {
    // Where /lib is a link to /usr/lib, one file is met twice.
    if (reason.kind !== 'masked' || withoutUsr(path) === withoutUsr(reason.by)) continue;
    const [isMasked, masks] = [path, reason.by].map((each) => found.uriOf(each) === uri);
    if (isMasked === true && masks === true) continue;
    if (isMasked === true) return { masking: { kind: 'masked', by: reason.by } };
    if (masks === true) return { masking: { kind: 'masks', path } };
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
