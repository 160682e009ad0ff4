import { MarkupKind, type MarkupContent } from 'vscode-languageserver-types';
import { decodeAlias, OTHER_NAMES } from '../../kmod/modalias/decode';
import { synopsisOf, type Directive } from '../../kmod/config/directives';
import { code, hoverSource, joinMarkdown, prose, type Markdown } from '../../kmod/markdown';
import type { FoundModule } from '../catalog/catalog';
import { allValues, firstValue, type ModuleParameter } from '../../kmod/modinfo';

/** More parameters than these make a hover a page. */
const MAX_PARAMETERS = 20;

/** Markdown for an answer to the editor: the only way to one. */
export const markupOf = (markdown: Markdown): MarkupContent => ({
  kind: MarkupKind.Markdown,
  value: hoverSource(markdown),
});

/** A directive as the man page tells it. */
export function describeDirective(directive: Directive): Markdown {
  const { meaning, since } = directive;
  const version = since === undefined ? undefined : prose`Since kmod ${since}.`;
  return joinMarkdown([code(synopsisOf(directive)), meaning, version]);
}

/** What an alias stands for, where its form tells: the fields of a device, or what asks for the name. */
export function describeAliasForm(alias: string): Markdown | undefined {
  const { kind, fields, text } = decodeAlias(alias);
  if (kind === OTHER_NAMES) return undefined;
  const facts = fields.map(({ label, value, number, meaning }) => {
    const told = number === undefined ? value : `0x${number.toString(16).padStart(2, '0')}`;
    return meaning === undefined ? prose`- ${label}: ${told}` : prose`- ${label}: ${told} (${meaning})`;
  });
  return joinMarkdown([text === undefined ? kind : prose`${kind}: ${text}`, joinMarkdown(facts, '\n')]);
}

/** A module as modinfo tells it, and whose it is. */
export function describeModule({ info, origin }: FoundModule): Markdown {
  const description = firstValue(info, 'description');
  const name = prose`**${info.name}**`;
  const facts = [
    // Only a module file tells its machine.
    info.architecture === undefined ? prose`- built into the kernel` : undefined,
    fact('license', allValues(info, 'license')),
    fact('version', allValues(info, 'version')),
    fact('author', allValues(info, 'author')),
    fact('depends on', (firstValue(info, 'depends') ?? '').split(',')),
    fact('parameters', tellParameters(info.parameters)),
  ];
  return joinMarkdown([
    description === undefined ? name : prose`${name} — ${description}`,
    joinMarkdown(facts, '\n'),
    describeOrigin(origin),
  ]);
}

export function describeParameter({ info, origin }: FoundModule, parameter: ModuleParameter): Markdown {
  const { name, type, description } = parameter;
  const typed = type === undefined ? prose`**${name}**` : prose`**${name}** (${type})`;
  return joinMarkdown([prose`${typed} — parameter of ${info.name}`, description, describeOrigin(origin)]);
}

export function describeOrigin({ label, release }: FoundModule['origin']): Markdown {
  return prose`*${label}, kernel ${release}*`;
}

function fact(label: string, values: readonly string[]): Markdown | undefined {
  const told = joinMarkdown(values, ', ');
  return told.source === '' ? undefined : prose`- ${label}: ${told}`;
}

function tellParameters(parameters: readonly ModuleParameter[]): string[] {
  const told = parameters
    .slice(0, MAX_PARAMETERS)
    .map(({ name, type }) => (type === undefined ? name : `${name} (${type})`));
  const more = parameters.length > MAX_PARAMETERS ? [`and ${parameters.length - MAX_PARAMETERS} more`] : [];
  return [...told, ...more];
}
