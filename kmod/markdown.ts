import { plainText } from './plainText';

/** Characters of one text from outside; what is longer is cut. */
const MAX_TEXT = 1000;

/** An editor cuts a hover at 100,000 characters, and may open a code span by that. */
const MAX_HOVER = 50_000;

/** Markdown that came out of this file: nothing in it is markup but what our own code wrote. */
class Markdown {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  get source(): string {
    return this.#source;
  }
}

/** Its type alone: nobody else makes Markdown of a string. */
export type { Markdown };

/** A text is escaped, whoever wrote it; Markdown stands as it is. */
export type Inline = string | number | Markdown;

/** Markdown as a template: prose`**${name}** depends on it`. What is put in is text, unless it is Markdown itself. */
export function prose(literals: TemplateStringsArray, ...values: readonly Inline[]): Markdown {
  return new Markdown(literals.map((text, index) => text + sourceOf(values[index] ?? '')).join(''));
}

/** Puts parts together; those that are undefined or empty are left out. */
export function joinMarkdown(
  parts: readonly (Inline | undefined)[],
  separator: '\n\n' | '\n\n---\n\n' | '\n' | '  \n' | ', ' | ' · ' | ' ' | '' = '\n\n',
): Markdown {
  return new Markdown(
    parts
      .map((part) => sourceOf(part ?? ''))
      .filter((source) => source !== '')
      .join(separator),
  );
}

/** A text as inline code, between more backticks than it has in a row (CommonMark 6.1). No cell of a table. */
export function code(text: string): Markdown {
  const line = oneLine(text);
  const fence = '`'.repeat(longestRun(line) + 1);
  return new Markdown(line === '' ? '' : `${fence} ${line} ${fence}`);
}

/** A line of C as a block. */
export function codeBlock(text: string): Markdown {
  const line = oneLine(text);
  const fence = '`'.repeat(Math.max(longestRun(line) + 1, 3));
  return new Markdown(`${fence}c\n${line}\n${fence}`);
}

/** A link to a file of this machine; the URI of another place makes no link. */
export const fileLink = (label: string, uri: string): Markdown =>
  uri.startsWith('file:///') ? link(label, 'file:///', uri.slice('file:///'.length)) : prose`${label}`;

/** A link that runs a command of this extension. */
export const commandLink = (label: string, command: `kmod.${string}`, argument: string): Markdown =>
  link(label, `command:${command}?`, encodeURIComponent(JSON.stringify([argument])));

/** Markdown for a hover or a tooltip, of a length that the editor leaves whole: cut between two lines. */
export function hoverSource({ source }: Markdown): string {
  return source.length <= MAX_HOVER
    ? source
    : `${source.slice(0, Math.max(source.lastIndexOf('\n', MAX_HOVER), 0))}\n\n…`;
}

/** @param rest of the target: what could end it, or be markup or an address in it, becomes its code */
function link(label: string, start: string, rest: string): Markdown {
  const encoded = rest.replace(
    /[^A-Za-z0-9\-._~/%]/gu,
    (character) =>
      `%${Buffer.from(character)
        .toString('hex')
        .replace(/..(?=.)/g, '$&%')}`,
  );
  return new Markdown(`[${sourceOf(label)}](${start}${encoded})`);
}

const sourceOf = (value: Inline): string =>
  value instanceof Markdown ? value.source : escapeMarkdown(String(value));

/**
 * A text in one line that shows itself and nothing else: CommonMark lets a backslash stand before all punctuation of
 * ASCII, and there is no markup, entity, address or icon without any.
 */
const escapeMarkdown = (text: string): string => oneLine(text).replace(/[!-/:-@[-`{-~]/g, '\\$&');

function oneLine(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return plainText(cut.replace(/\s+/g, ' ').trim());
}

/** Of backticks. */
const longestRun = (text: string): number => Math.max(0, ...text.split(/[^`]+/).map((run) => run.length));
