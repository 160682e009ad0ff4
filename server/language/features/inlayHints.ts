import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { InlayHint, Range } from 'vscode-languageserver-types';
import { wordSpan, type ConfigNode } from '../../../kmod/config/syntax';
import type { Catalog } from '../../catalog/catalog';
import { isDrawn, rangeOf, type SyntaxCache } from '../documents';
import { optionsAt, placeOfEntry } from '../effective';
import { meaningOf } from '../meaning';
import { namesOfNode, type NameUse } from '../names';
import type { Neighbourhood } from '../neighbours';
import type { Project } from '../project';

/** Tells the module that an alias stands for, and the line that overrides an option. */
export class InlayHints {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly project: Project,
    private readonly catalog: Catalog,
  ) {}

  /** @throws CatalogError, the signal's reason */
  async in(document: TextDocument, range: Range, signal: AbortSignal): Promise<InlayHint[]> {
    const nodes = (this.syntaxes.get(document)?.nodes ?? []).filter(
      (node) =>
        range.start.line <= node.line.lastLine && node.line.firstLine <= range.end.line && isDrawn(node),
    );
    if (nodes.length === 0) return [];
    const system = await this.project.configurationWith(document);
    const aliases = nodes.flatMap((node) =>
      namesOfNode(node)
        .filter(({ isLookedUp }) => isLookedUp)
        .map((name) => this.#aliasHint(name, document, system, signal)),
    );
    return [
      ...(await Promise.all(aliases)).filter((hint) => hint !== undefined),
      ...nodes.flatMap((node) => overrideHints(node, document, system)),
    ];
  }

  async #aliasHint(
    { word, line }: NameUse,
    document: TextDocument,
    { configuration }: Neighbourhood,
    signal: AbortSignal,
  ): Promise<InlayHint | undefined> {
    const meaning = await meaningOf(word.text, configuration, this.catalog, signal);
    if (meaning === undefined) return undefined;
    const [first] = meaning.lines;
    return {
      position: rangeOf(document, wordSpan(line, word)).end,
      label: `→ ${meaning.modules.join(', ')}`,
      paddingLeft: true,
      tooltip: first === undefined ? 'an alias inside of the module' : `an alias, by ${placeOfEntry(first)}`,
    };
  }
}

function overrideHints(node: ConfigNode, document: TextDocument, system: Neighbourhood): InlayHint[] {
  if (node.kind !== 'statement') return [];
  const [module, options] = node.arguments;
  if (module === undefined || options?.shape.kind !== 'parameters') return [];
  return optionsAt(node, module.value, document, system).flatMap(({ parameter, overriddenBy }) =>
    overriddenBy === undefined
      ? []
      : [
          {
            position: rangeOf(document, wordSpan(node.line, parameter)).end,
            label: `overridden by ${shortPlace(placeOfEntry(overriddenBy))}`,
            paddingLeft: true,
            tooltip: `${placeOfEntry(overriddenBy)} gives ${parameter.name.text} another value later`,
          },
        ],
  );
}

function shortPlace(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}
