import type { TextDocument } from 'vscode-languageserver-textdocument';
import { MarkupKind, type Hover, type Position } from 'vscode-languageserver-types';
import { directivesOf } from '../../../kmod/config/directives';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { isModuleName, normalizeModuleName } from '../../../kmod/name';
import type { Catalog } from '../../catalog/catalog';
import { rangeOf, type SyntaxCache } from '../documents';
import {
  describeDirective,
  describeModule,
  describeOrigin,
  describeParameter,
  escapeMarkdown,
} from '../markdown';
import { siteAt, type Site } from '../site';

export class Hovers {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
  ) {}

  async at(document: TextDocument, position: Position, signal: AbortSignal): Promise<Hover | undefined> {
    const syntax = this.syntaxes.get(document);
    if (syntax === undefined) return undefined;
    const site = siteAt(syntax, document.offsetAt(position));
    if (site === undefined || site.text === '') return undefined;
    const value = await this.#describe(site, syntax.language, signal);
    return value === undefined
      ? undefined
      : { contents: { kind: MarkupKind.Markdown, value }, range: rangeOf(document, site.span) };
  }

  async #describe(site: Site, language: ConfigLanguage, signal: AbortSignal): Promise<string | undefined> {
    switch (site.kind) {
      case 'command': {
        const directive = directivesOf(language).get(site.text);
        return directive && describeDirective(directive);
      }
      case 'module':
        return isModuleName(site.text) ? this.#describeModule(site.text, signal) : undefined;
      case 'parameter':
        return this.#describeParameter(site.module, site.text, signal);
      case 'value':
      case 'word':
        return undefined;
    }
  }

  async #describeModule(text: string, signal: AbortSignal): Promise<string | undefined> {
    const module = await this.catalog.get(text, signal);
    if (module !== undefined) return describeModule(module);
    const { origin } = this.catalog;
    if (origin === undefined) return undefined;
    const name = escapeMarkdown(text);
    switch (this.catalog.peek(text)) {
      case 'alias':
        return `**${name}** — an alias\n\n${describeOrigin(origin)}`;
      case 'absent':
        return `**${name}** — no module or alias of this kernel\n\n${describeOrigin(origin)}`;
      default:
        return undefined;
    }
  }

  async #describeParameter(module: string, text: string, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.catalog.get(module, signal);
    const wanted = normalizeModuleName(text);
    const parameter = found?.info.parameters.find(({ name }) => normalizeModuleName(name) === wanted);
    return found && parameter && describeParameter(found, parameter);
  }
}
