import { spanOf, type LogicalLine, type Span } from '../../../kmod/config/lines';
import { wordSpan, type Word } from '../../../kmod/config/syntax';
import { withoutEnd } from '../../../kmod/text';

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** One way out of a finding. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** There is no doubt what was meant: "fix all" takes it. */
  readonly safe?: true;
  /** All lines end in LF from then on: each is an edit, or the editor runs a command for it. */
  readonly lineEnds?: true;
  /** The file gets this name. */
  readonly rename?: string;
  /** Nothing is changed: the editor opens this URI. */
  readonly open?: string;
  /** Lines for the file of the same name in a sibling directory, which may not be there yet. */
  readonly moved?: { readonly directory: SiblingDirectory; readonly text: string };
}

/** With the suffix of the files that are read there. */
export const SIBLING_DIRECTORIES = {
  'modprobe.d': '.conf',
  'depmod.d': '.conf',
  'modules-load.d': '.conf',
  'udev/rules.d': '.rules',
} as const;

export type SiblingDirectory = keyof typeof SIBLING_DIRECTORIES;

export const safe = (title: string, ...edits: Edit[]): Fix => ({ title, edits, safe: true });

export const choice = (title: string, ...edits: Edit[]): Fix => ({ title, edits });

export function replaceSpan(span: Span, text: string): Edit {
  return { span, text };
}

export function replaceWord(line: LogicalLine, word: Word, text: string): Edit {
  return { span: wordSpan(line, word), text };
}

/** Replaces a line, or the lines that it is continued on. */
export function replaceLine({ start, end }: LogicalLine, text: string): Edit {
  return { span: { start, end }, text };
}

export function deleteLine({ start, end }: LogicalLine, source: string): Edit {
  return { span: { start, end: Math.min(end + 1, source.length) }, text: '' };
}

/** Turns a line, and those that it is continued on, into comments. */
export function commentOut({ start, end }: LogicalLine, source: string): Edit {
  const lines = source.slice(start, end).split('\n');
  return {
    span: { start, end },
    text: lines.map((line) => `# ${withoutEnd(line.replace(/\r$/, ''), '\\').trim()}`.trimEnd()).join('\n'),
  };
}

/** Deletes a word and the blanks in front of it. */
export function deleteWord(line: LogicalLine, word: Word): Edit {
  return { span: { start: blanksBefore(line, word.index), end: wordSpan(line, word).end }, text: '' };
}

/** Deletes all from an index of the text on, and the blanks in front. */
export function deleteFrom(line: LogicalLine, index: number): Edit {
  return { span: { start: blanksBefore(line, index), end: line.end }, text: '' };
}

/** Deletes the line, and puts text for it into the file of the same name in a sibling directory. */
export function moveLine(line: LogicalLine, source: string, directory: SiblingDirectory, text: string): Fix {
  return {
    title: `Move the line to ${directory}`,
    edits: [deleteLine(line, source)],
    moved: { directory, text: `${text}\n` },
  };
}

/** The source offset behind the last character in front of an index that is no blank. */
function blanksBefore(line: LogicalLine, index: number): number {
  const { length } = line.text.slice(0, index).trimEnd();
  return length === 0 ? line.start : spanOf(line, length - 1, 1).end;
}
