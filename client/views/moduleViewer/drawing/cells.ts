import { cellOf, type CellContent, type Tone } from '../page';
import { element, type Markup } from './markup';

/** What says a tone without its colour: a mark to see, and a word to hear. */
const MARKS: Readonly<Record<Tone, readonly [mark: string, word: string]>> = {
  warning: ['⚠', 'warning:'],
  added: ['+', 'added'],
  removed: ['−', 'removed'],
  changed: ['~', 'changed'],
};

/** The pieces of a cell: a mark, the text or a link, and a note. */
export function cellMarkup(content: CellContent): Markup[] {
  const { text, note, link, tone } = cellOf(content);
  const pieces: Markup[] = [];
  if (tone !== undefined) {
    const [mark, word] = MARKS[tone];
    pieces.push(element('span', { class: 'mark', role: 'img', 'aria-label': word, text: `${mark} ` }));
  }
  pieces.push(
    link === undefined
      ? element('span', { text })
      : element('a', { text, href: '#', 'data-module': link.module, title: `Open ${link.module}` }),
  );
  if (note !== undefined) {
    pieces.push(element('span', { class: 'note', text: ` ${note}` }));
  }
  return pieces;
}

export const toneClass = (tone: Tone | undefined): string | undefined =>
  tone === undefined ? undefined : `tone-${tone}`;

/** A class attribute of what applies; undefined: none does. */
export const classes = (...names: readonly (string | undefined)[]): string | undefined =>
  names.filter((name) => name !== undefined && name !== '').join(' ') || undefined;
