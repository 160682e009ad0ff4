import type { Span } from '../config/lines';

/** An argument of a macro's call. */
export interface MacroArgument {
  /** Without the blanks and comments around it; empty at the place where an argument is missing. */
  readonly span: Span;
  readonly text: string;
  /** All between the parentheses or commas around it. */
  readonly room: Span;
}

/** `NAME(…)` in C source. */
export interface MacroCall {
  readonly name: string;
  readonly nameSpan: Span;
  /** From the name to the closing parenthesis; to where the call breaks off while it is being written. */
  readonly span: Span;
  /** From the opening parenthesis to the closing one, both outside. */
  readonly inside: Span;
  readonly arguments: readonly MacroArgument[];
  /** 'template': in the body of a #define. 'disabled': below an `#if 0`. */
  readonly place: 'code' | 'template' | 'disabled';
  /** Below any #if. */
  readonly conditional: boolean;
}

/** What is read out of C source without parsing C. */
export interface SourceScan {
  readonly text: string;
  /** The calls of the macros that were asked for, in order. */
  readonly calls: readonly MacroCall[];
  /** The files of `#include "…"`. */
  readonly includes: readonly string[];
}

type Surroundings = Pick<MacroCall, 'place' | 'conditional'>;

interface Reader {
  readonly text: string;
  readonly wanted: (name: string) => boolean;
  readonly calls: MacroCall[];
  readonly includes: string[];
}

const IDENTIFIER = /[A-Za-z_]\w*/y;
/** A name or a number, blanks, or other characters, as far as none of them may begin a comment or a string. */
const TOKEN = /\w+|[^\S\n]+|[^\w\s"'/]+/y;

/** Finds the calls of some macros in C source, finished or not. Any text is taken; nothing throws. */
export function scanSource(text: string, wanted: (name: string) => boolean): SourceScan {
  const reader: Reader = { text, wanted, calls: [], includes: [] };
  scanLines(reader);
  return { text, calls: reader.calls, includes: reader.includes };
}

/** The #if that are open. */
class Conditions {
  /** Of each: whether its branch is cut out by an `#if 0`. */
  readonly #open: boolean[] = [];
  #disabled = 0;

  open(disabled: boolean): void {
    this.#open.push(disabled);
    if (disabled) this.#disabled++;
  }

  close(): void {
    if (this.#open.pop() === true) this.#disabled--;
  }

  /** Goes on with another branch. */
  turn(): void {
    if (this.#open.length === 0) return;
    this.close();
    this.open(false);
  }

  surround(place: 'code' | 'template'): Surroundings {
    return { place: this.#disabled > 0 ? 'disabled' : place, conditional: this.#open.length > 0 };
  }
}

function scanLines(reader: Reader): void {
  const { text } = reader;
  const conditions = new Conditions();
  const here = (): Surroundings => conditions.surround('code');
  let startOfLine = true;
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at);
    if (character === '\n') {
      startOfLine = true;
      at++;
    } else if (character === '#' && startOfLine) {
      at = readDirective(reader, at, conditions);
    } else {
      if (!/\s/.test(character)) startOfLine = text.startsWith('/*', at) && startOfLine;
      at = readToken(reader, at, text.length, here);
    }
  }
}

/** @returns the end of the directive's logical line */
function readDirective(reader: Reader, start: number, conditions: Conditions): number {
  const { text, includes } = reader;
  const end = endOfDirective(text, start);
  const [head, keyword] = /^#[ \t]*(\w*)[ \t]*/.exec(text.slice(start, end)) ?? ['', ''];
  const rest = start + head.length;
  switch (keyword) {
    case 'if':
      conditions.open(/^0\s*(\/[/*]|$)/.test(text.slice(rest, end).trim()));
      break;
    case 'ifdef':
    case 'ifndef':
      conditions.open(false);
      break;
    case 'else':
    case 'elif':
      conditions.turn();
      break;
    case 'endif':
      conditions.close();
      break;
    case 'include': {
      const file = /^"([^"\n]+)"/.exec(text.slice(rest, end))?.[1];
      if (file !== undefined) includes.push(file);
      break;
    }
    case 'define': {
      IDENTIFIER.lastIndex = rest;
      const name = IDENTIFIER.exec(text)?.[0] ?? '';
      const here = (): Surroundings => conditions.surround('template');
      for (let at = rest + name.length; at < end;) at = readToken(reader, at, end, here);
      break;
    }
  }
  return end;
}

/** A directive goes on behind a backslash and inside of a comment. */
function endOfDirective(text: string, start: number): number {
  for (let at = start; at < text.length;) {
    const character = text.charAt(at);
    if (character === '\n') return at;
    at = character === '\\' ? skipEscape(text, at) : (skipOpaque(text, at, text.length) ?? at + 1);
  }
  return text.length;
}

/** Reads past one token, a call of a wanted macro being one. */
function readToken(reader: Reader, at: number, end: number, here: () => Surroundings): number {
  const { text } = reader;
  const opaque = skipOpaque(text, at, end);
  if (opaque !== undefined) return opaque;
  TOKEN.lastIndex = at;
  const name = TOKEN.exec(text)?.[0];
  if (name === undefined) return at + 1;
  const afterName = at + name.length;
  if (!reader.wanted(name)) return afterName;
  const open = skipBlanks(text, afterName, end);
  if (text[open] !== '(' || open >= end) return afterName;
  const call = readCall(reader, { start: at, end: afterName }, open, end, here());
  reader.calls.push(call);
  return call.span.end;
}

function readCall(
  { text, wanted }: Reader,
  nameSpan: Span,
  open: number,
  end: number,
  surroundings: Surroundings,
): MacroCall {
  const found: MacroArgument[] = [];
  let depth = 0;
  let start = open + 1;
  let at = start;
  let closed = false;
  while (at < end) {
    const character = text.charAt(at);
    // What can not stand in an argument: the call is still being written.
    if (character === ';' || character === '{' || character === '}') break;
    if (character === '\n' && breaksOff(text, at + 1, wanted)) break;
    if (character === ')' && depth === 0) {
      closed = true;
      break;
    }
    if (character === ',' && depth === 0) {
      found.push(argumentAt(text, start, at));
      start = at + 1;
    }
    if (character === '(') depth++;
    if (character === ')') depth--;
    at = skipOpaque(text, at, end) ?? at + 1;
  }
  const last = argumentAt(text, start, at);
  if (found.length > 0 || last.text !== '') found.push(last);
  return {
    name: text.slice(nameSpan.start, nameSpan.end),
    nameSpan,
    span: { start: nameSpan.start, end: closed ? at + 1 : at },
    inside: { start: open + 1, end: at },
    arguments: found,
    ...surroundings,
  };
}

/** True where a new statement begins in column 1, so that a call above it lacks its end. */
function breaksOff(text: string, at: number, wanted: Reader['wanted']): boolean {
  IDENTIFIER.lastIndex = at;
  const name = IDENTIFIER.exec(text)?.[0];
  return name !== undefined && (name === 'static' || name === 'struct' || name === 'int' || wanted(name));
}

function argumentAt(text: string, start: number, end: number): MacroArgument {
  const from = skipBlanks(text, start, end);
  let last = from;
  for (let at = from; at < end;) {
    const next = skipOpaque(text, at, end) ?? at + 1;
    if (!/[\s\\]/.test(text.charAt(at)) && !isComment(text, at)) last = next;
    at = next;
  }
  return { span: { start: from, end: last }, text: text.slice(from, last), room: { start, end } };
}

/** True inside of a comment, a string or a character. */
export function isOpaque(text: string, offset: number): boolean {
  let at = 0;
  while (at < offset) {
    const end = skipOpaque(text, at, text.length);
    if (end !== undefined && end > offset) return true;
    at = end ?? at + 1;
  }
  return false;
}

/** Behind blanks, comments and continuations. */
export function skipBlanks(text: string, start: number, end: number): number {
  let at = start;
  while (at < end) {
    if (isComment(text, at)) at = skipOpaque(text, at, end) ?? end;
    else if (/\s/.test(text.charAt(at))) at++;
    else if (text[at] === '\\' && /[\r\n]/.test(text.charAt(at + 1))) at = skipEscape(text, at);
    else break;
  }
  return Math.min(at, end);
}

function isComment(text: string, at: number): boolean {
  return text[at] === '/' && (text[at + 1] === '*' || text[at + 1] === '/');
}

/** The end of the comment, string or character that begins here; undefined: none does. */
function skipOpaque(text: string, at: number, end: number): number | undefined {
  const character = text.charAt(at);
  if (character === '"' || character === "'") return skipQuoted(text, at, end);
  if (character !== '/') return undefined;
  if (text[at + 1] === '*') {
    const close = text.indexOf('*/', at + 2);
    return close < 0 || close + 2 > end ? end : close + 2;
  }
  if (text[at + 1] !== '/') return undefined;
  let next = at;
  while (next < end && text[next] !== '\n') next = text[next] === '\\' ? skipEscape(text, next) : next + 1;
  return Math.min(next, end);
}

/** A string ends at its quote, or with its line when it is not closed. */
function skipQuoted(text: string, start: number, end: number): number {
  const quote = text.charAt(start);
  let at = start + 1;
  while (at < end && text[at] !== quote && text[at] !== '\n') {
    at = text[at] === '\\' ? skipEscape(text, at) : at + 1;
  }
  return Math.min(text[at] === quote ? at + 1 : at, end);
}

/** A backslash and what it escapes; a line break may be CR LF. */
export function skipEscape(text: string, at: number): number {
  return at + (text.startsWith('\r\n', at + 1) ? 3 : 2);
}
