import { parseConfig, readerOf } from './parse';
import type { ConfigLanguage, ConfigNode, ConfigSyntax } from './syntax';
import type { KmodVersion } from './versions';

/** A piece of a text that was replaced, in UTF-16 units. */
export interface TextChange {
  readonly start: number;
  /** Behind the piece, before. */
  readonly oldEnd: number;
  /** Behind the piece, after. */
  readonly newEnd: number;
}

/** What a change of the text did to the nodes. */
export interface NodeChange {
  readonly removed: readonly ConfigNode[];
  readonly added: readonly ConfigNode[];
  /** Nodes behind the change are in other lines than before. */
  readonly movesLines: boolean;
}

/** One change that does what two did, one after the other. */
export function mergeChanges(first: TextChange, second: TextChange): TextChange {
  const start = Math.min(first.start, second.start);
  // In the text between the two.
  const end = Math.max(first.newEnd, second.oldEnd);
  return {
    start,
    oldEnd: end - first.newEnd + first.oldEnd,
    newEnd: end - second.oldEnd + second.newEnd,
  };
}

/**
 * The syntax of a text that is edited: after a change only the lines that it touches are read again. All others
 * keep their nodes, whose lines are moved.
 */
export class EditableSyntax {
  readonly #nodes: ConfigNode[];
  readonly #followers = new Set<(change: NodeChange) => void>();
  #syntax: ConfigSyntax;

  constructor(
    language: ConfigLanguage,
    source: string,
    private readonly kmod: KmodVersion,
  ) {
    const { nodes } = parseConfig(language, source, kmod);
    this.#nodes = [...nodes];
    this.#syntax = { language, source, nodes: this.#nodes };
  }

  /** Of the text as it is now; after a change, another one with the same list of nodes. */
  get syntax(): ConfigSyntax {
    return this.#syntax;
  }

  /** Tells of each change, when it is done. @returns ends that */
  follow(follower: (change: NodeChange) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** @param source the text after the change */
  change(change: TextChange, source: string): void {
    const { language } = this.#syntax;
    const nodes = this.#nodes;
    const delta = change.newEnd - change.oldEnd;
    // The line in front is read again too: what follows it may decide where it ends.
    const from = Math.max(0, this.#firstEndingAt(change.start) - 1);
    const first = nodes[from]?.line;
    const reader = readerOf(language, source, this.kmod, first?.start, first?.firstLine);
    const added: ConfigNode[] = [];
    let to = from;
    for (;;) {
      while (to < nodes.length && startOf(nodes[to]) + delta < reader.start) to++;
      // Behind the change, the text goes on as before from where a line started before.
      if (reader.start >= change.newEnd && startOf(nodes[to]) + delta === reader.start) break;
      const node = reader.next();
      if (node === undefined) {
        to = nodes.length;
        break;
      }
      node.line.detach();
      added.push(node);
    }
    const next = nodes[to];
    const lines = next === undefined ? 0 : reader.lineNumber - next.line.firstLine;
    if (delta !== 0 || lines !== 0) {
      for (let index = to; index < nodes.length; index++)
        (nodes[index] as ConfigNode).line.move(delta, lines);
    }
    const removed = nodes.slice(from, to);
    replace(nodes, from, to, added);
    this.#syntax = { language, source, nodes };
    for (const follower of this.#followers) follower({ removed, added, movesLines: lines !== 0 });
  }

  /** The index of the first node whose line ends at an offset or behind it. */
  #firstEndingAt(offset: number): number {
    let low = 0;
    let high = this.#nodes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#nodes[middle] as ConfigNode).line.end < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function startOf(node: ConfigNode | undefined): number {
  return node?.line.start ?? Infinity;
}

/** splice(), for more elements than a call takes arguments. */
function replace<T>(list: T[], from: number, to: number, added: readonly T[]): void {
  if (to - from === added.length) {
    for (const [index, element] of added.entries()) list[from + index] = element;
    return;
  }
  const rest = list.slice(to);
  list.length = from;
  for (const element of added) list.push(element);
  for (const element of rest) list.push(element);
}
