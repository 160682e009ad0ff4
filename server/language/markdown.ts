import { decodeAlias, OTHER_NAMES } from '../../kmod/modalias/decode';
import { synopsisOf, type Directive } from '../../kmod/config/directives';
import type { FoundModule } from '../catalog/catalog';
import { allValues, firstValue, type ModuleParameter } from '../../kmod/modinfo';

/** Longer texts of a module are cut: a hover is no viewer. */
const MAX_TEXT = 500;
const MAX_PARAMETERS = 20;

/**
 * Text of a module or of a file as Markdown that shows it and does nothing else: no markup, HTML, links or
 * icons, on one line. Whoever wrote the module may be hostile.
 */
export function escapeMarkdown(text: string): string {
  const line = text
    .slice(0, MAX_TEXT)
    .replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\s]+/gu, ' ')
    .trim();
  const cut = text.length > MAX_TEXT ? `${line}…` : line;
  return cut
    .replace(/[\\`*_{}[\]()#+\-!|~$:@=]|(?<=www)\./gi, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** A directive as the man page tells it. */
export function describeDirective(directive: Directive): string {
  const { meaning, since } = directive;
  const version = since === undefined ? [] : [`Since kmod ${since}.`];
  return [`\`${synopsisOf(directive)}\``, meaning, ...version].join('\n\n');
}

/** What an alias stands for, where its form tells: the fields of a device, or what asks for the name. */
export function describeAliasForm(alias: string): string | undefined {
  const { kind, fields, text } = decodeAlias(alias);
  if (kind === OTHER_NAMES) return undefined;
  const facts = fields.map(({ label, value, number, meaning }) => {
    const told = number === undefined ? value : `0x${number.toString(16).padStart(2, '0')}`;
    return `- ${label}: ${escapeMarkdown(told)}${meaning === undefined ? '' : ` (${escapeMarkdown(meaning)})`}`;
  });
  return [`${kind}${text === undefined ? '' : `: ${escapeMarkdown(text)}`}`, facts.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A module as modinfo tells it, and whose it is. */
export function describeModule({ info, origin }: FoundModule): string {
  const description = firstValue(info, 'description');
  const head = `**${escapeMarkdown(info.name)}**${description === undefined ? '' : ` — ${escapeMarkdown(description)}`}`;
  const facts = [
    // Only a module file tells its machine.
    ...(info.architecture === undefined ? ['built into the kernel'] : []),
    ...fact('license', allValues(info, 'license')),
    ...fact('version', allValues(info, 'version')),
    ...fact('author', allValues(info, 'author')),
    ...fact('depends on', (firstValue(info, 'depends') ?? '').split(',')),
    ...parameterFacts(info.parameters),
  ].map((text) => `- ${text}`);
  return [head, facts.join('\n'), describeOrigin(origin)].filter((part) => part !== '').join('\n\n');
}

export function describeParameter({ info, origin }: FoundModule, parameter: ModuleParameter): string {
  const type = parameter.type === undefined ? '' : ` (${escapeMarkdown(parameter.type)})`;
  return [
    `**${escapeMarkdown(parameter.name)}**${type} — parameter of ${escapeMarkdown(info.name)}`,
    escapeMarkdown(parameter.description ?? ''),
    describeOrigin(origin),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

export function describeOrigin({ label, release }: FoundModule['origin']): string {
  return `*${escapeMarkdown(label)}, kernel ${escapeMarkdown(release)}*`;
}

function fact(label: string, values: readonly string[]): string[] {
  const told = values.filter((value) => value !== '').map(escapeMarkdown);
  return told.length === 0 ? [] : [`${label}: ${told.join(', ')}`];
}

function parameterFacts(parameters: readonly ModuleParameter[]): string[] {
  const told = parameters
    .slice(0, MAX_PARAMETERS)
    .map(({ name, type }) => (type === undefined ? name : `${name} (${type})`));
  const more = parameters.length > MAX_PARAMETERS ? [`and ${parameters.length - MAX_PARAMETERS} more`] : [];
  return fact('parameters', [...told, ...more]);
}
