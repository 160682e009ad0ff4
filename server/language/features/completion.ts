import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CompletionItemKind,
  InsertTextFormat,
  type CompletionItem,
  type CompletionList,
  type Position,
} from 'vscode-languageserver-types';
import { directivesOf, type Directive } from '../../../kmod/config/directives';
import { isGlob } from '../../../kmod/config/glob';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { valueHints } from '../../../kmod/config/valueHints';
import { FORMATS } from '../../../kmod/modalias/formats';
import { firstValue } from '../../../kmod/modinfo';
import { normalizeModuleName } from '../../../kmod/name';
import { withoutEnd } from '../../../kmod/text';
import { sameParameterName } from '../../../kmod/parameters';
import type { Catalog } from '../../catalog/catalog';
import { rangeOf, type SyntaxCache } from '../documents';
import { describeDirective, describeModule, describeParameter, markupOf } from '../markdown';
import type { Project } from '../project';
import { siteAt, type Site } from '../site';

/** What may be written, before it is known where it goes. */
type Proposal = Omit<CompletionItem, 'textEdit'> & { readonly insert: string };

/** Of an alias, until it is resolved. */
const INSIDE_OF_MODULE = 'alias inside of a module';

/** What the editor can do. */
export interface CompletionOptions {
  /** It understands `${1:name}` in a text. */
  readonly snippets: boolean;
}

export class Completions {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
    private readonly project: Project,
  ) {}

  async at(
    document: TextDocument,
    position: Position,
    signal: AbortSignal,
    { snippets }: CompletionOptions = { snippets: false },
  ): Promise<CompletionList> {
    const offset = document.offsetAt(position);
    const syntax = this.syntaxes.get(document);
    const site = syntax && siteAt(syntax, offset);
    if (syntax === undefined || site === undefined) return { isIncomplete: false, items: [] };
    // A word that goes on behind a continuation is replaced from the cursor's line on: editors take one line only.
    const startOfLine = document.offsetAt({ line: position.line, character: 0 });
    const endOfLine =
      startOfLine +
      document
        .getText()
        .slice(startOfLine)
        .search(/[\\\r\n]|$/);
    const range = rangeOf(document, {
      start: Math.max(site.span.start, startOfLine),
      end: Math.max(offset, Math.min(site.span.end, endOfLine)),
    });
    // Arguments that are there already are kept.
    const isAlone = document.getText().slice(document.offsetAt(range.end), endOfLine).trim() === '';
    const proposals =
      site.kind === 'command'
        ? proposeDirectives(syntax.language, snippets && isAlone)
        : await this.#propose(site, document.getText().slice(site.span.start, offset), document, signal);
    return {
      // Of the aliases of devices, which are too many, those that begin with what is written.
      isIncomplete: site.kind === 'alias',
      items: proposals.map(({ insert, ...item }) => ({ ...item, textEdit: { range, newText: insert } })),
    };
  }

  /** Adds what a module says of itself, which is read when it is looked at. */
  async resolve(item: CompletionItem, signal: AbortSignal): Promise<CompletionItem> {
    if (item.detail === INSIDE_OF_MODULE) {
      const modules = await this.catalog.resolve(item.label, signal);
      return modules.length === 0
        ? item
        : { ...item, detail: `alias of ${[...new Set(modules)].join(', ')}` };
    }
    if (item.kind !== CompletionItemKind.Module || item.documentation !== undefined) return item;
    const module = await this.catalog.get(item.label, signal);
    if (module === undefined) return item;
    const detail = firstValue(module.info, 'description');
    return {
      ...item,
      ...(detail === undefined ? {} : { detail }),
      documentation: markupOf(describeModule(module)),
    };
  }

  #propose(
    site: Exclude<Site, { kind: 'command' }>,
    typed: string,
    document: TextDocument,
    signal: AbortSignal,
  ): Promise<Proposal[]> | Proposal[] {
    switch (site.kind) {
      case 'alias':
        return this.#proposeAliases(typed, signal);
      case 'word':
        return proposeKeywords(site.keywords);
      case 'module':
        return this.#proposeModules(site, document, signal);
      case 'parameter':
        return this.#proposeParameters(site, signal);
      case 'value':
        return this.#proposeValues(site, signal);
    }
  }

  /** The names that modules already have, for a line that comes before them. */
  async #proposeAliases(typed: string, signal: AbortSignal): Promise<Proposal[]> {
    // A name is made up; only one that is begun tells that an alias of modules is meant.
    if (typed === '') return [];
    const isDevice = typed.includes(':');
    const aliases = isDevice
      ? await this.catalog.deviceAliases(typed, signal)
      : await this.catalog.aliases(signal);
    const buses = Array.from(FORMATS, ([prefix, { bus }]) => ({
      label: `${prefix}:`,
      kind: CompletionItemKind.Keyword,
      detail: bus,
      insert: `${prefix}:`,
    }));
    return [
      ...aliases.map((alias) => ({
        label: alias,
        kind: CompletionItemKind.Reference,
        detail: INSIDE_OF_MODULE,
        insert: alias,
      })),
      ...(isDevice ? [] : buses),
    ];
  }

  async #proposeModules(
    site: Site & { kind: 'module' },
    document: TextDocument,
    signal: AbortSignal,
  ): Promise<Proposal[]> {
    const names = await this.catalog.names(signal);
    const { configuration } = await this.project.configurationWith(document);
    const aliases = configuration.entries
      .filter(({ kind, name }) => kind === 'alias' && !isGlob(name) && !names.includes(name))
      .map(({ name, value }) => ({ name, detail: `alias of ${value}` }));
    const known = new Set([...names, ...aliases.map(({ name }) => name)]);
    const ofModules = site.takesAlias ? await this.catalog.aliases(signal) : [];
    // Whoever writes `-` finds names with `-`: to kmod they are the same.
    const spell = (name: string) => (site.text.includes('-') ? name.replaceAll('_', '-') : name);
    return [
      ...proposeKeywords(site.keywords),
      ...names.map((name) => ({
        label: spell(name),
        kind: CompletionItemKind.Module,
        insert: spell(name),
      })),
      ...aliases.map(({ name, detail }) => ({
        label: spell(name),
        kind: CompletionItemKind.Reference,
        detail,
        insert: spell(name),
      })),
      ...ofModules
        .filter((name) => !known.has(name))
        .map((name) => ({
          label: name,
          kind: CompletionItemKind.Reference,
          detail: INSIDE_OF_MODULE,
          insert: name,
        })),
    ];
  }

  async #proposeParameters(site: Site & { kind: 'parameter' }, signal: AbortSignal): Promise<Proposal[]> {
    const module = await this.catalog.get(site.module, signal);
    const set = new Set(site.others.map(normalizeModuleName));
    return (module?.info.parameters ?? [])
      .filter(({ name }) => !set.has(normalizeModuleName(name)))
      .map((parameter) => ({
        label: parameter.name,
        kind: CompletionItemKind.Property,
        insert: `${parameter.name}=`,
        ...(parameter.type === undefined ? {} : { detail: parameter.type }),
        ...(module === undefined ? {} : { documentation: markupOf(describeParameter(module, parameter)) }),
      }));
  }

  async #proposeValues(site: Site & { kind: 'value' }, signal: AbortSignal): Promise<Proposal[]> {
    const module = await this.catalog.get(site.module, signal);
    const parameter = module?.info.parameters.find(({ name }) => sameParameterName(name, site.parameter));
    if (parameter === undefined) return [];
    return valueHints(parameter).map(({ value, meaning }, index) => ({
      label: value,
      kind: CompletionItemKind.Value,
      insert: value,
      // In the order of the description.
      sortText: String(index).padStart(3, '0'),
      ...(meaning === undefined ? {} : { detail: meaning }),
    }));
  }
}

function proposeDirectives(language: ConfigLanguage, snippets: boolean): Proposal[] {
  return [...directivesOf(language).values()]
    .filter((directive) => directive.dropped !== true)
    .map((directive) => ({
      label: directive.name,
      kind: CompletionItemKind.Keyword,
      documentation: markupOf(describeDirective(directive)),
      ...(snippets
        ? { insert: snippetOf(directive), insertTextFormat: InsertTextFormat.Snippet }
        : { insert: directive.name }),
    }));
}

/** `softdep ${1:modulename} pre: ${2:modules} post: ${3:modules}` */
function snippetOf({ name, arguments: shapes }: Directive): string {
  let place = 0;
  const words = shapes.flatMap(({ label, keywords = [] }) =>
    label
      .split(' ')
      .map((word) => (keywords.includes(word) ? word : `\${${++place}:${withoutEnd(word, '.')}}`)),
  );
  return [name, ...words].join(' ');
}

function proposeKeywords(keywords: readonly string[]): Proposal[] {
  return keywords.map((keyword) => ({ label: keyword, kind: CompletionItemKind.Keyword, insert: keyword }));
}
