import type { ArgumentKind } from '../../../kmod/config/directives';
import { logicalIndex } from '../../../kmod/config/lines';
import type { ConfigNode } from '../../../kmod/config/syntax';
import { finding, type FileCheck, type LineCheck } from './finding';
import { choice, safe, type Fix } from './fix';

/** By code point: what an editor shows as a blank or not at all, and kmod takes for a letter. */
const NAMES: Readonly<Record<number, string>> = {
  0x00: 'NUL',
  0x0b: 'a vertical tab',
  0x0c: 'a form feed',
  0x0d: 'a carriage return',
  0x85: 'a next-line control',
  0xa0: 'a no-break space',
  0xad: 'a soft hyphen',
  0x2028: 'a line separator',
  0x2029: 'a paragraph separator',
  0x202f: 'a narrow no-break space',
  0x205f: 'a mathematical space',
  0x2060: 'a word joiner',
  0x3000: 'an ideographic space',
  0xfeff: 'a byte order mark',
};

const INVISIBLE = /[\0\v\f\r\u0085\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]/g;

/** Those of them that take room, and stand where a blank was meant. */
const BLANK = /[\v\f\u0085\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Whose text is split by isspace(), in kmod or in the kernel: \v, \f and \r separate there as a blank does. */
const SPLIT_BY_ISSPACE: ReadonlySet<ArgumentKind> = new Set([
  'parameters',
  'soft-dependencies',
  'module-list',
]);

const LINE_FEEDS: Fix = { title: 'Change all line ends to LF', edits: [], lineEnds: true };

export function isInvisible(character: string): boolean {
  return character.search(INVISIBLE) === 0;
}

/** Characters that nobody sees and that are part of a word all the same. */
export const invisibleCharacters: LineCheck = function* (node, { syntax }) {
  if (node.kind !== 'statement' && node.kind !== 'module') return;
  const source = syntax.source.slice(node.line.start, node.line.end);
  for (const { 0: character, index } of source.matchAll(INVISIBLE)) {
    const start = node.line.start + index;
    const span = { start, end: start + 1 };
    const endsLine = character === '\r' && index === source.length - 1;
    if (endsLine || isHarmless(node, start, character)) continue;
    if (character === '\0') {
      yield {
        ...finding('invisible-character', span, 'NUL ends the line for kmod: remove it'),
        fixes: [choice('Remove NUL', { span, text: '' })],
      };
    } else {
      const name = NAMES[character.charCodeAt(0)] ?? 'an invisible character';
      const fix = BLANK.test(character)
        ? safe('Replace by a blank', { span, text: ' ' })
        : safe(`Remove ${name}`, { span, text: '' });
      yield {
        ...finding('invisible-character', span, `${name} becomes a part of the word: remove it`),
        fixes: [fix],
      };
    }
  }
};

/** Line ends of CR LF, told once a file. */
export const crLfLineEnds: FileCheck = function* ({ syntax: { nodes, source } }) {
  if (!source.includes('\r')) return;
  const ends = nodes.flatMap((node) => {
    const place = node.line.end - 1;
    const isTaken = node.kind === 'statement' || node.kind === 'module';
    return isTaken && source[place] === '\r' && !isHarmless(node, place, '\r') ? [place] : [];
  });
  const [first] = ends;
  if (first === undefined) return;
  const lines = ends.length === 1 ? '1 line ends' : `${ends.length} lines end`;
  const found = finding(
    'invisible-character',
    { start: first, end: first + 1 },
    `${lines} in CR LF: kmod takes the carriage return for a part of the last word; change the file's line ends to LF`,
  );
  yield { ...found, fixes: [LINE_FEEDS] };
};

function isHarmless(node: ConfigNode, offset: number, character: string): boolean {
  if (node.kind !== 'statement' || node.problem?.kind === 'unknown-command') return false;
  const index = logicalIndex(node.line, offset);
  const kind = node.arguments.findLast((argument) => argument.index <= index)?.shape.kind;
  if (kind === undefined) return false;
  // A shell command may mean what it says, but for the carriage return at its end.
  if (kind === 'shell-command') return character !== '\r' && character !== '\0';
  return SPLIT_BY_ISSPACE.has(kind) && '\v\f\r'.includes(character);
}
