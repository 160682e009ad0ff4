import type { ArgumentShape, Directive } from './directives';
import { spanOf, type LogicalLine, type Span } from './lines';

/** The kinds of file, by the language ids of editors. */
export type ConfigLanguage = 'modprobe' | 'depmod' | 'modules-load';

/** A piece of a line's logical text. Its place is relative to the line, so a line that moves keeps its words. */
export interface Word {
  readonly text: string;
  /** In the logical text of its line. */
  readonly index: number;
}

export interface Argument extends Word {
  readonly shape: ArgumentShape;
  /** The text as kmod stores it: `-` folded to `_` in names, TAB made SPACE in options. */
  readonly value: string;
}

/** Why kmod drops a line. */
export type Problem =
  | { readonly kind: 'unknown-command' }
  | { readonly kind: 'version-required'; readonly since: number }
  | { readonly kind: 'deprecated-command' }
  | { readonly kind: 'missing-argument'; readonly shape: ArgumentShape }
  | { readonly kind: 'unbalanced-bracket'; readonly word: Word };

/** A line with a command: modprobe.d, depmod.d. With a problem, kmod drops it. */
export interface Statement {
  readonly kind: 'statement';
  readonly line: LogicalLine;
  readonly command: Word;
  /** undefined: no command of this name exists. */
  readonly directive: Directive | undefined;
  readonly arguments: readonly Argument[];
  readonly problem: Problem | undefined;
}

/** A line of modules-load.d: all of it is the name of a module, blanks inside included. */
interface ModuleLine {
  readonly kind: 'module';
  readonly line: LogicalLine;
  readonly name: Word;
}

export interface Comment {
  readonly kind: 'comment';
  readonly line: LogicalLine;
}

export interface Blank {
  readonly kind: 'blank';
  readonly line: LogicalLine;
}

export type ConfigNode = Statement | ModuleLine | Comment | Blank;

/** A file, parsed: one node a logical line, in order. */
export interface ConfigSyntax {
  readonly language: ConfigLanguage;
  readonly source: string;
  readonly nodes: readonly ConfigNode[];
}

/** The source range of a word. */
export function wordSpan(line: LogicalLine, word: Word): Span {
  return spanOf(line, word.index, word.text.length);
}

/** The node whose lines hold a source offset; undefined on the empty line after the last line feed. */
export function nodeAt(syntax: ConfigSyntax, offset: number): ConfigNode | undefined {
  let low = 0;
  let high = syntax.nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const node = syntax.nodes[middle] as ConfigNode;
    if (node.line.start <= offset) low = middle + 1;
    else high = middle;
  }
  const node = syntax.nodes[low - 1];
  return node !== undefined && offset <= node.line.end ? node : undefined;
}
