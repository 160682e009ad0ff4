import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { InlayHint, Range } from 'vscode-languageserver-types';
import { wordSpan, type ConfigNode, type Statement } from '../../../kmod/config/syntax';
import { rangeOf, type SyntaxCache } from '../documents';
import { aliasesOf, isEntryOf, optionsOf, placeOfEntry } from '../effective';
import { nameKey, namesOfNode } from '../names';
import type { Neighbourhood } from '../neighbours';
import type { Project } from '../project';

/** Tells the module that an alias stands for, and the line that overrides an option. */
export class InlayHints {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly project: Project,
  ) {}

  async in(document: TextDocument, range: Range): Promise<InlayHint[]> {
    const nodes = (this.syntaxes.get(document)?.nodes ?? []).filter(
      ({ line }) => range.start.line <= line.lastLine && line.firstLine <= range.end.line,
    );
    if (nodes.length === 0) return [];
    const system = await this.project.configurationWith(document);
    return nodes.flatMap((node) => [
      ...aliasHints(node, document, system),
      ...(node.kind === 'statement' ? overrideHints(node, document, system) : []),
    ]);
  }
}

function aliasHints(node: ConfigNode, document: TextDocument, { configuration }: Neighbourhood): InlayHint[] {
  return namesOfNode(node)
    .filter(({ role }) => role !== 'alias')
    .flatMap(({ word, line }) => {
      const aliases = aliasesOf(configuration, word.text);
      const [first] = aliases;
      if (first === undefined) return [];
      const modules = new Set(aliases.map(({ value }) => nameKey(value)));
      return [
        {
          position: rangeOf(document, wordSpan(line, word)).end,
          label: `→ ${[...modules].join(', ')}`,
          paddingLeft: true,
          tooltip: `an alias, by ${placeOfEntry(first)}`,
        },
      ];
    });
}

function overrideHints(statement: Statement, document: TextDocument, system: Neighbourhood): InlayHint[] {
  const [module, options] = statement.arguments;
  if (module === undefined || options?.shape.kind !== 'parameters') return [];
  return optionsOf(system.configuration, module.value)
    .filter(({ entry }) => isEntryOf(entry, statement, document, system))
    .flatMap(({ parameter, overriddenBy }) =>
      overriddenBy === undefined
        ? []
        : [
            {
              position: rangeOf(document, wordSpan(statement.line, parameter)).end,
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
