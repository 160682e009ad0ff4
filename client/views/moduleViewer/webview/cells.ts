import { cellOf, type CellContent, type Tone } from '../page';
import { element } from './dom';

/** What says a tone without its colour: a mark to see, and a word to hear. */
const MARKS: Readonly<Record<Tone, readonly [mark: string, word: string]>> = {
  warning: ['⚠', 'warning:'],
  added: ['+', 'added'],
  removed: ['−', 'removed'],
  changed: ['~', 'changed'],
};

/** The pieces of a cell: a mark, the text or a link, and a note. */
export function cellNodes(content: CellContent): Node[] {
  const { text, note, link, tone } = cellOf(content);
  const nodes: Node[] = [];
  if (tone !== undefined) {
    const [mark, word] = MARKS[tone];
    nodes.push(element('span', { class: 'mark', role: 'img', 'aria-label': word, text: `${mark} ` }));
  }
  nodes.push(
    link === undefined
      ? element('span', { text })
      : element('a', { text, href: '#', 'data-module': link.module, title: `Open ${link.module}` }),
  );
  if (note !== undefined) {
    nodes.push(document.createTextNode(' '), element('span', { class: 'note', text: note }));
  }
  return nodes;
}

export const toneClass = (tone: Tone | undefined): string | undefined =>
  tone === undefined ? undefined : `tone-${tone}`;
