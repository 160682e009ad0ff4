import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  SymbolKind,
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type Position,
} from 'vscode-languageserver-types';
import { isGlob, matchesGlob } from '../../../kmod/config/glob';
import { wordSpan, type Statement } from '../../../kmod/config/syntax';
import { firstValue } from '../../../kmod/modinfo';
import type { Catalog } from '../../catalog/catalog';
import { memoized } from '../analysis/memo';
import { rangeOf, type SyntaxCache } from '../documents';
import { meaningOf } from '../meaning';
import { nameAt, nameKey } from '../names';
import type { Project } from '../project';
import { Pulls, type Pull } from '../pulls';

type Place = Pick<CallHierarchyItem, 'uri' | 'range' | 'selectionRange'>;

/**
 * What brings a module, and what it brings: by aliases, softdep, weakdep and install lines, modules-load.d, and the
 * dependencies that modules have themselves. Those have no place in a file: they are shown where their module is.
 */
export class CallHierarchies {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly project: Project,
    private readonly catalog: Catalog,
  ) {}

  /** The name of a module, an alias or a pattern. */
  async prepare(document: TextDocument, position: Position): Promise<CallHierarchyItem[]> {
    const syntax = this.syntaxes.get(document);
    const name = syntax && nameAt(syntax, document.offsetAt(position));
    if (name === undefined) return [];
    const pulls = new Pulls(await this.project.around(document));
    const selectionRange = rangeOf(document, wordSpan(name.line, name.word));
    const here = { uri: document.uri, range: rangeOf(document, name.line), selectionRange };
    return [itemOf(document, nameKey(name.word.text), placeOf(nameKey(name.word.text), pulls) ?? here)];
  }

  /** @param document the one that the item was prepared in @throws CatalogError, the signal's reason */
  async outgoing(
    document: TextDocument,
    item: CallHierarchyItem,
    signal: AbortSignal,
  ): Promise<CallHierarchyOutgoingCall[]> {
    const pulls = new Pulls(await this.project.around(document));
    const counts = this.#judgeOf(pulls);
    const written = pulls.all.filter(
      (pull) => pull.caller !== undefined && matchesGlob(pull.caller, item.name) && counts(pull, item.name),
    );
    const calls = new Map<string, { readonly how: Set<string>; readonly pulls: Pull[] }>();
    const add = (name: string, how: string, pull?: Pull): void => {
      if (name === item.name) return;
      const call = calls.get(name) ?? { how: new Set(), pulls: [] };
      call.how.add(how);
      if (pull !== undefined) call.pulls.push(pull);
      calls.set(name, call);
    };
    for (const pull of written) add(pull.name, pull.how, pull);
    for (const [name, how] of await this.#ofModules(document, item.name, signal)) add(name, how);
    return Array.from(
      calls,
      ([
        name,
        {
          how,
          pulls: [first, ...others],
        },
      ]) => {
        const place = placeOf(name, pulls) ?? (first === undefined ? placeOfItem(item) : placeOfPull(first));
        const own = first === undefined ? [] : [first, ...others];
        return {
          to: itemOf(document, name, place, [...how].join(', ')),
          // They are in the file of the item that brings.
          fromRanges: own.filter((pull) => pull.document.uri === item.uri).map((pull) => rangeOfPull(pull)),
        };
      },
    );
  }

  /** @param document the one that the item was prepared in @throws CatalogError, the signal's reason */
  async incoming(
    document: TextDocument,
    item: CallHierarchyItem,
    signal: AbortSignal,
  ): Promise<CallHierarchyIncomingCall[]> {
    if (item.kind === SymbolKind.File) return [];
    const pulls = new Pulls(await this.project.around(document));
    const counts = this.#judgeOf(pulls);
    const calls = pulls.all
      .filter(
        (pull) =>
          matchesGlob(item.name, pull.name) &&
          pull.caller !== item.name &&
          (pull.caller === undefined || counts(pull, pull.caller)),
      )
      .map((pull) => ({
        from: callerOf(document, pull),
        fromRanges: [rangeOfPull(pull)],
      }));
    const dependants = isGlob(item.name) ? [] : await this.catalog.dependants(item.name, signal);
    return [
      ...calls,
      ...dependants.map((name) => ({
        from: itemOf(document, name, placeOf(name, pulls) ?? placeOfItem(item), 'depends'),
        fromRanges: [],
      })),
    ];
  }

  /** Of a kind of line, the first that matches counts; no install line does where a softdep line brings something. */
  #judgeOf(pulls: Pulls): (pull: Pull, name: string) => boolean {
    const brings = memoized((softdep: Statement) =>
      pulls.of(softdep).some(({ name }) => this.catalog.peek(name) !== 'absent'),
    );
    return ({ command, node }, name) => {
      if (command === 'alias' || isGlob(name)) return true;
      if (pulls.firstAbout(command, name)?.node !== node) return false;
      const softdep = command === 'install' ? pulls.firstAbout('softdep', name) : undefined;
      return softdep === undefined || !brings(softdep.node);
    };
  }

  /** What the modules themselves tell: the aliases that they bring, and what they depend on. */
  async #ofModules(document: TextDocument, name: string, signal: AbortSignal): Promise<[string, string][]> {
    if (isGlob(name)) return [];
    const { configuration } = await this.project.configurationWith(document);
    const meaning = await meaningOf(name, configuration, this.catalog, signal);
    if (meaning !== undefined) {
      return meaning.lines.length > 0 ? [] : meaning.modules.map((module) => [module, 'alias']);
    }
    const module = await this.catalog.get(name, signal);
    const needed = (module && firstValue(module.info, 'depends'))?.split(',') ?? [];
    return needed.filter((each) => each !== '').map((each) => [nameKey(each), 'depends']);
  }
}

/** The line that says what a module brings, else the first line about it. */
function placeOf(name: string, pulls: Pulls): Place | undefined {
  const commands = ['softdep', 'install', 'alias', 'weakdep', 'options', 'blacklist'];
  for (const command of commands) {
    const line = pulls.firstAbout(command, name);
    if (line === undefined) continue;
    const { node, subject, document } = line;
    return {
      uri: document.uri,
      range: rangeOf(document, node.line),
      selectionRange: rangeOf(document, wordSpan(node.line, subject)),
    };
  }
  return undefined;
}

/** The document is told again with each question about the item: its neighbours are those that count. */
function itemOf(document: TextDocument, name: string, place: Place, detail?: string): CallHierarchyItem {
  return {
    name,
    kind: SymbolKind.Module,
    ...place,
    ...(detail === undefined ? {} : { detail }),
    data: document.uri,
  };
}

function callerOf(document: TextDocument, pull: Pull): CallHierarchyItem {
  const { uri } = pull.document;
  if (pull.caller !== undefined) return itemOf(document, pull.caller, placeOfPull(pull), pull.how);
  const file = itemOf(document, uri.slice(uri.lastIndexOf('/') + 1), placeOfPull(pull), pull.how);
  return { ...file, kind: SymbolKind.File };
}

function placeOfPull(pull: Pull): Place {
  const { document, node } = pull;
  return { uri: document.uri, range: rangeOf(document, node.line), selectionRange: rangeOfPull(pull) };
}

function rangeOfPull({ document, node, word }: Pull) {
  return rangeOf(document, wordSpan(node.line, word));
}

function placeOfItem({ uri, range, selectionRange }: CallHierarchyItem): Place {
  return { uri, range, selectionRange };
}
