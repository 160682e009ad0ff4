import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location, Position } from 'vscode-languageserver-types';
import { matchesGlob } from '../../../kmod/config/glob';
import { wordSpan } from '../../../kmod/config/syntax';
import { parameterLocation } from '../c/parameters';
import type { ModuleSources } from '../c/sources';
import { rangeOf, type SyntaxCache } from '../documents';
import { nameAt, nameKey, namesIn } from '../names';
import type { Project } from '../project';
import { siteAt } from '../site';

/** Where a name comes from: an alias line, C source, or the lines that configure a module. */
export class Definitions {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly project: Project,
    private readonly sources: Pick<ModuleSources, 'find'>,
  ) {}

  async at(document: TextDocument, position: Position, signal: AbortSignal): Promise<Location[]> {
    const syntax = this.syntaxes.get(document);
    if (syntax === undefined) return [];
    const offset = document.offsetAt(position);
    const site = siteAt(syntax, offset);
    if (site?.kind === 'parameter' || site?.kind === 'value') {
      const name = site.kind === 'parameter' ? site.text : site.parameter;
      const module = await this.sources.find(site.module, signal);
      const location = module && parameterLocation(module, name);
      return location === undefined ? [] : [location];
    }
    const name = nameAt(syntax, offset);
    return name === undefined ? [] : this.#ofName(document, name.word.text, offset);
  }

  /** The alias lines that a name matches; where there are none, the other lines that are about the module. */
  async #ofName(document: TextDocument, text: string, offset: number): Promise<Location[]> {
    const key = nameKey(text);
    const uses = (await this.project.around(document)).flatMap((file) =>
      namesIn(file.syntax).map((use) => ({
        ...use,
        file: file.document,
        span: wordSpan(use.line, use.word),
      })),
    );
    const elsewhere = uses.filter(
      ({ file, span }) => file.uri !== document.uri || offset < span.start || span.end < offset,
    );
    const aliases = elsewhere.filter(
      ({ role, word }) =>
        role === 'alias' && (nameKey(word.text) === key || matchesGlob(nameKey(word.text), key)),
    );
    const lines = elsewhere.filter(({ role, word }) => role === 'subject' && nameKey(word.text) === key);
    return (aliases.length > 0 ? aliases : lines).map(({ file, span }) => ({
      uri: file.uri,
      range: rangeOf(file, span),
    }));
  }
}
