import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CompletionItemKind,
  MarkupKind,
  type CompletionItem,
  type MarkupContent,
  type Position,
} from 'vscode-languageserver-types';
import { directivesOf } from '../../../kmod/config/directives';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import type { Catalog } from '../../catalog/catalog';
import { rangeOf, type SyntaxCache } from '../documents';
import { describeDirective, describeModule, describeParameter } from '../markdown';
import { siteAt, type Site } from '../site';

/** What may be written, before it is known where it goes. */
type Proposal = Omit<CompletionItem, 'textEdit'> & { readonly insert: string };

export class Completions {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
  ) {}

  async at(document: TextDocument, position: Position, signal: AbortSignal): Promise<CompletionItem[]> {
    const offset = document.offsetAt(position);
    const syntax = this.syntaxes.get(document);
    if (syntax === undefined) return [];
    const site = siteAt(syntax, offset);
    if (site === undefined) return [];
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
    const proposals = await this.#propose(site, syntax.language, signal);
    return proposals.map(({ insert, ...item }) => ({ ...item, textEdit: { range, newText: insert } }));
  }

  /** Adds a module's documentation, which is read when it is looked at. */
  async resolve(item: CompletionItem, signal: AbortSignal): Promise<CompletionItem> {
    if (item.kind !== CompletionItemKind.Module || item.documentation !== undefined) return item;
    const module = await this.catalog.get(item.label, signal);
    return module === undefined ? item : { ...item, documentation: markdown(describeModule(module)) };
  }

  #propose(site: Site, language: ConfigLanguage, signal: AbortSignal): Promise<Proposal[]> | Proposal[] {
    switch (site.kind) {
      case 'command':
        return proposeDirectives(language);
      case 'word':
        return proposeKeywords(site.keywords);
      case 'module':
        return this.#proposeModules(site, signal);
      case 'parameter':
        return this.#proposeParameters(site, signal);
      case 'value':
        return [];
    }
  }

  async #proposeModules(site: Site & { kind: 'module' }, signal: AbortSignal): Promise<Proposal[]> {
    const names = await this.catalog.names(signal);
    // Whoever writes `-` finds names with `-`: to kmod they are the same.
    const spelled = site.text.includes('-') ? names.map((name) => name.replaceAll('_', '-')) : names;
    const modules = spelled.map((name) => ({ label: name, kind: CompletionItemKind.Module, insert: name }));
    return [...proposeKeywords(site.keywords), ...modules];
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
        ...(module === undefined ? {} : { documentation: markdown(describeParameter(module, parameter)) }),
      }));
  }
}

function proposeDirectives(language: ConfigLanguage): Proposal[] {
  return [...directivesOf(language).values()]
    .filter((directive) => directive.dropped !== true)
    .map((directive) => ({
      label: directive.name,
      kind: CompletionItemKind.Keyword,
      documentation: markdown(describeDirective(directive)),
      insert: directive.name,
    }));
}

function proposeKeywords(keywords: readonly string[]): Proposal[] {
  return keywords.map((keyword) => ({ label: keyword, kind: CompletionItemKind.Keyword, insert: keyword }));
}

function markdown(value: string): MarkupContent {
  return { kind: MarkupKind.Markdown, value };
}
