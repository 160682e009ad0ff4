import { storesBackslashAtEnd, type KmodVersion } from './versions';

/** A backslash that the line reader took out of a line's text. */
export interface Backslash {
  /** 'continuation' joins two physical lines; 'escape' is deleted before any other character; 'end' ends the file. */
  readonly kind: 'continuation' | 'escape' | 'end';
  /** Where it stands in the source, from the start of its line. */
  readonly offset: number;
  /** The index in the logical text of what follows it. */
  readonly index: number;
  /** Characters of the line's source that are missing in the text up to here, this backslash's included. */
  readonly removed: number;
}

/**
 * A line as kmod's parser sees it, made of one or more physical lines. All offsets are UTF-16 units of the source.
 * A line of a document that is edited keeps its identity, and is moved: only its own text never changes.
 */
export interface LogicalLine {
  /** Without backslashes, continued lines joined, cut at the first NUL. */
  readonly text: string;
  readonly start: number;
  /** Before the last line feed. */
  readonly end: number;
  /** The first and the last physical line, from 0. kmod's messages name the last, from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly backslashes: readonly Backslash[];
  move(offset: number, lines: number): void;
  /** Lets go of the source: a piece of the text would keep all of that version of it in memory. */
  detach(): void;
}

const NO_BACKSLASHES: readonly Backslash[] = [];

/** The text of a line, and what else was made of it. */
export interface LineContent {
  readonly text: string;
}

/** What the plain lines of a source share until somebody asks for their text. */
export interface LineSource<Content extends LineContent> {
  readonly source: string;
  readonly read: (text: string) => Content;
}

/**
 * A line of which every character is text, as almost all are: of a large file there are many, so it is small, and is
 * its own node. It is cut out of the source when somebody asks for its text, or moves it.
 */
export class PlainLine<Content extends LineContent = LineContent> implements LogicalLine {
  constructor(
    /** Where it is cut out, or what was. */
    private origin: LineSource<Content> | Content,
    public start: number,
    public firstLine: number,
  ) {}

  get line(): this {
    return this;
  }

  get text(): string {
    return this.content.text;
  }

  get end(): number {
    return 'text' in this.origin
      ? this.start + this.origin.text.length
      : indexOrEnd(this.origin.source, '\n', this.start);
  }

  get lastLine(): number {
    return this.firstLine;
  }

  get backslashes(): readonly Backslash[] {
    return NO_BACKSLASHES;
  }

  move(offset: number, lines: number): void {
    this.origin = this.content;
    this.start += offset;
    this.firstLine += lines;
  }

  detach(): void {
    const { origin } = this;
    if (!('text' in origin)) this.origin = origin.read(copyOf(origin.source.slice(this.start, this.end)));
  }

  protected get content(): Content {
    const { origin } = this;
    if ('text' in origin) return origin;
    return (this.origin = origin.read(origin.source.slice(this.start, this.end)));
  }
}

/** A line with backslashes or a NUL, or that ends elsewhere than at a line feed. */
export class WrappedLine implements LogicalLine {
  constructor(
    public text: string,
    public start: number,
    public end: number,
    public firstLine: number,
    public lastLine: number,
    readonly backslashes: readonly Backslash[],
  ) {}

  move(offset: number, lines: number): void {
    this.start += offset;
    this.end += offset;
    this.firstLine += lines;
    this.lastLine += lines;
  }

  detach(): void {
    this.text = copyOf(this.text);
  }
}

const copyOf = (text: string): string => ` ${text}`.slice(1);

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the first backslash or NUL of a piece of a source is, or its end: lines in front are what they look like. */
export function specialOrEnd(source: string, start: number, end: number): number {
  const piece = source.slice(start, end);
  return start + Math.min(indexOrEnd(piece, '\\', 0), indexOrEnd(piece, '\0', 0));
}

/**
 * Reads a line with backslashes or a NUL by the rules of freadline_wrapped() in kmod's shared/util.c.
 * A backslash before a line feed joins the lines with nothing between; before anything else it is deleted.
 * This happens before comments are looked for.
 */
export function readWrappedLine(
  source: string,
  start: number,
  firstLine: number,
  kmod: KmodVersion,
): LogicalLine | undefined {
  const backslashes: Backslash[] = [];
  const pieces: string[] = [];
  let length = 0;
  let removed = 0;
  let lastLine = firstLine;
  let pieceStart = start;
  let end = indexOrEnd(source, '\n', start);
  for (let from = start; ;) {
    const offset = source.indexOf('\\', from);
    if (offset < 0 || offset >= end) break;
    const kind =
      offset + 1 === source.length ? 'end' : source[offset + 1] === '\n' ? 'continuation' : 'escape';
    pieces.push(source.slice(pieceStart, offset));
    length += offset - pieceStart;
    pieceStart = offset + (kind === 'continuation' ? 2 : 1);
    if (kind === 'end' && storesBackslashAtEnd(kmod)) {
      // getc()'s EOF is stored as the byte 0xFF, here as decodeText has it.
      pieces.push('\uDCFF');
    } else {
      removed += pieceStart - offset;
    }
    backslashes.push({ kind, offset: offset - start, index: length, removed });
    if (kind === 'continuation') {
      lastLine++;
      end = indexOrEnd(source, '\n', pieceStart);
    }
    // The character after a deleted backslash is text, even when it is a backslash.
    from = kind === 'escape' ? offset + 2 : pieceStart;
  }
  pieces.push(source.slice(pieceStart, end));
  const text = cutAtNul(pieces.join(''));
  // At the end of the file a line that is empty after all its continuations is none.
  if (end === source.length && text === '' && backslashes.length > 0) return undefined;
  return new WrappedLine(text, start, end, firstLine, lastLine, backslashes);
}

/** Where in the source the character at an index of the logical text stands. */
export function sourceOffset(line: LogicalLine, index: number): number {
  const before = lastWhere(line.backslashes, (backslash) => backslash.index <= index);
  return line.start + index + (before?.removed ?? 0);
}

/** The index in the logical text that a source offset stands for; inside something removed: of what follows it. */
export function logicalIndex(line: LogicalLine, offset: number): number {
  const place = offset - line.start;
  const before = lastWhere(line.backslashes, (backslash) => backslash.offset < place);
  const index = place - (before?.removed ?? 0);
  return Math.min(Math.max(index, before?.index ?? 0), line.text.length);
}

/** The source range of a piece of the logical text; continuations inside it are part of it. */
export function spanOf(line: LogicalLine, index: number, length: number): Span {
  const start = sourceOffset(line, index);
  return { start, end: length === 0 ? start : sourceOffset(line, index + length - 1) + 1 };
}

/** Is there a backslash between two indexes of the logical text, or next to them? */
export function hasBackslash({ backslashes }: LogicalLine, start: number, end: number): boolean {
  const last = lastWhere(backslashes, ({ index }) => index <= end);
  return last !== undefined && start <= last.index;
}

/** Where the blanks at the end of a text begin. A regular expression takes a square of the time in long lines. */
export function blanksAtEnd(text: string): number {
  let index = text.length;
  while (index > 0 && (text[index - 1] === ' ' || text[index - 1] === '\t')) index--;
  return index;
}

export function indexOrEnd(source: string, character: string, from: number): number {
  const index = source.indexOf(character, from);
  return index < 0 ? source.length : index;
}

function cutAtNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/** The last element that satisfies a condition which, once false, stays false. */
function lastWhere<T>(sorted: readonly T[], condition: (element: T) => boolean): T | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (condition(sorted[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}
