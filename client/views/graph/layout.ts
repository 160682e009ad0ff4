import { Graph, layout as dagreLayout } from '@dagrejs/dagre';
import { groupBy } from '../../../kmod/groupBy';
import type { GraphEdge, GraphNode, ModuleGraph } from '../../kernel/moduleGraph';
import { columnsOf } from './columns';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A node's box; x and y are its top left corner. */
export interface PlacedNode extends Point {
  readonly node: GraphNode;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  readonly points: readonly Point[];
}

/** A drawing in pixels, from 0,0. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** A node's text is of a fixed width: the layout needs no browser. */
const CHARACTER = 7.4;
const PADDING = 28;
const LEAST_HEIGHT = 40;
/** What the largest module is higher than the smallest. */
const GROWTH = 36;
/** A module of this many bytes is large, also where none is larger. */
const LARGE = 1 << 20;
const GAP = 28;
/** Between columns, and between the boxes of one. */
const COLUMN_GAP = 56;
const BOX_GAP = 14;
const MARGIN = 16;
/** Width to height of the whole, as windows are. */
const ASPECT = 1.7;

/** Columns that lines may pass where dagre draws them: some hundred loaded modules have fewer, and take it half a second. */
const MOST_PASSED = 800;

/**
 * Lays a graph out from left to right: who needs, then what is needed. What hangs together is one drawing; these,
 * and the modules that nothing connects, are packed side by side.
 */
export function layOut(graph: ModuleGraph): Layout {
  const largest = largestOf(
    graph.nodes.map(({ size = 0 }) => size),
    LARGE,
  );
  const boxes = new Map(graph.nodes.map((node) => [node.name, boxOf(node, largest)]));
  const groups = connectedGroups(graph);
  const needs = groupBy(graph.edges, ({ from }) => from);
  const drawings = groups
    .filter((group) => group.length > 1)
    .map((group) => layOutGroup(group, needs, boxes));
  const singles = groups.flatMap((group) => (group.length === 1 ? group : []));
  return pack([...drawings, ...singleDrawings(singles, boxes)]);
}

interface Box {
  readonly node: GraphNode;
  readonly width: number;
  readonly height: number;
}

/** A box is the higher, the more memory the module takes. */
function boxOf(node: GraphNode, largest: number): Box {
  const characters = Math.max(nodeTitle(node.name).length, 12);
  return {
    node,
    width: Math.ceil(characters * CHARACTER) + PADDING,
    height: LEAST_HEIGHT + Math.round(GROWTH * Math.sqrt((node.size ?? 0) / largest)),
  };
}

const MOST_CHARACTERS = 32;

/** A name as it fits into a box. */
export const nodeTitle = (name: string): string =>
  name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS - 1)}…` : name;

function connectedGroups({ nodes, edges }: ModuleGraph): string[][] {
  const neighbours = new Map<string, string[]>(nodes.map(({ name }) => [name, []]));
  for (const { from, to } of edges) {
    neighbours.get(from)?.push(to);
    neighbours.get(to)?.push(from);
  }
  const seen = new Set<string>();
  return nodes.flatMap(({ name }) => {
    if (seen.has(name)) {
      return [];
    }
    const group = new Set([name]);
    for (const member of group) {
      seen.add(member);
      neighbours.get(member)?.forEach((other) => group.add(other));
    }
    return [[...group]];
  });
}

/** As dagre does it, where that is done soon: how large a graph is, the target chooses. */
function layOutGroup(
  group: readonly string[],
  needs: ReadonlyMap<string, readonly GraphEdge[]>,
  boxes: ReadonlyMap<string, Box>,
): Layout {
  const edges = group.flatMap((name) => needs.get(name) ?? []);
  const columns = columnsOf(group, (name) => needs.get(name)?.map(({ to }) => to) ?? []);
  return passedBy(edges, columns) > MOST_PASSED
    ? layOutInColumns(columns, edges, boxes)
    : layOutByDagre(group, edges, boxes);
}

/** How many columns the lines pass: dagre makes as many boxes, and few other things take it as long. */
function passedBy(edges: readonly GraphEdge[], columns: ReadonlyMap<string, number>): number {
  const columnOf = (name: string): number => columns.get(name) ?? 0;
  return edges.reduce((sum, { from, to }) => sum + Math.abs(columnOf(to) - columnOf(from)), 0);
}

function layOutByDagre(
  group: readonly string[],
  edges: readonly GraphEdge[],
  boxes: ReadonlyMap<string, Box>,
): Layout {
  const drawing = new Graph();
  // Names are the target's, and dagre keeps its nodes in plain objects: "__proto__" is no key for these.
  const ids = new Map(group.map((name, index) => [name, `n${index}`]));
  const idOf = (name: string): string => ids.get(name) ?? '';
  drawing.setGraph({ rankdir: 'LR', ranksep: COLUMN_GAP, nodesep: BOX_GAP, edgesep: 10 });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const name of group) {
    const box = boxes.get(name);
    drawing.setNode(idOf(name), { width: box?.width ?? 0, height: box?.height ?? 0 });
  }
  edges.forEach(({ from, to }) => drawing.setEdge(idOf(from), idOf(to)));
  dagreLayout(drawing);
  const nodes = group.flatMap((name) => {
    const box = boxes.get(name);
    const { x, y } = drawing.node(idOf(name)) as { x: number; y: number };
    return box === undefined ? [] : [{ ...box, x: x - box.width / 2, y: y - box.height / 2 }];
  });
  const placedByName = new Map(nodes.map((placed) => [placed.node.name, placed]));
  const placed = edges.map((edge) => {
    const { points = [] } = drawing.edge(idOf(edge.from), idOf(edge.to)) as { points?: Point[] };
    return { edge, points: fromSideToSide(points, placedByName.get(edge.from), placedByName.get(edge.to)) };
  });
  return fromOrigin(nodes, placed);
}

/** Boxes one below the other, and straight lines. */
function layOutInColumns(
  columns: ReadonlyMap<string, number>,
  edges: readonly GraphEdge[],
  boxes: ReadonlyMap<string, Box>,
): Layout {
  const nodes = new Map<string, PlacedNode>();
  let x = 0;
  for (const [, names] of [...groupBy(columns, ([, column]) => column)].sort(([a], [b]) => a - b)) {
    const column = names.flatMap(([name]) => boxes.get(name) ?? []);
    let y = 0;
    for (const box of column) {
      nodes.set(box.node.name, { ...box, x, y });
      y += box.height + BOX_GAP;
    }
    x += largestOf(column.map(({ width }) => width)) + COLUMN_GAP;
  }
  const lines = edges.flatMap((edge) => {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    return from === undefined || to === undefined ? [] : [{ edge, points: [exitOf(from), entryOf(to)] }];
  });
  return fromOrigin([...nodes.values()], lines);
}

/** Of as many as one likes: they are no arguments. */
function largestOf(numbers: Iterable<number>, least = 0): number {
  let largest = least;
  for (const number of numbers) largest = Math.max(largest, number);
  return largest;
}

/** Where a line leaves a box, and where it comes to one. */
const exitOf = ({ x, y, width, height }: PlacedNode): Point => ({ x: x + width, y: y + height / 2 });
const entryOf = ({ x, y, height }: PlacedNode): Point => ({ x, y: y + height / 2 });

/** The drawing with all its lines from 0,0: dagre leaves lines that pass beside the boxes out of its size. */
function fromOrigin(nodes: readonly PlacedNode[], edges: readonly PlacedEdge[]): Layout {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  const include = ({ x, y }: Point): void => {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  };
  for (const { x, y, width, height } of nodes) {
    include({ x, y });
    include({ x: x + width, y: y + height });
  }
  edges.forEach((edge) => edge.points.forEach(include));
  const by = { x: -left, y: -top };
  return {
    width: right - left,
    height: bottom - top,
    nodes: nodes.map((node) => ({ ...node, ...moved(node, by) })),
    edges: edges.map(({ edge, points: line }) => ({ edge, points: line.map((point) => moved(point, by)) })),
  };
}

/** A line leaves a box at its right and comes to one at its left; in a circle, one line goes back as dagre has it. */
function fromSideToSide(
  points: readonly Point[],
  from: PlacedNode | undefined,
  to: PlacedNode | undefined,
): readonly Point[] {
  if (from === undefined || to === undefined || from.x + from.width >= to.x) {
    return points;
  }
  const between = points.length > 3 ? points.slice(1, -1) : [];
  return [exitOf(from), ...between.filter(({ x }) => x > from.x + from.width && x < to.x), entryOf(to)];
}

/** Columns of equal width read as a list. */
function singleDrawings(names: readonly string[], boxes: ReadonlyMap<string, Box>): Layout[] {
  const found = names.flatMap((name) => boxes.get(name) ?? []);
  if (found.length === 0) {
    return [];
  }
  const width = largestOf(found.map((box) => box.width));
  const columns = Math.max(1, Math.round(Math.sqrt((found.length * ASPECT * LEAST_HEIGHT) / width)) * 2);
  const nodes: PlacedNode[] = [];
  let y = 0;
  for (let at = 0; at < found.length; at += columns) {
    const row = found.slice(at, at + columns);
    row.forEach((box, column) => nodes.push({ ...box, width, x: column * (width + BOX_GAP), y }));
    y += largestOf(row.map(({ height }) => height)) + BOX_GAP;
  }
  const used = Math.min(columns, found.length);
  return [{ width: used * (width + BOX_GAP) - BOX_GAP, height: y - BOX_GAP, nodes, edges: [] }];
}

interface Column {
  readonly x: number;
  width: number;
  /** Where the next drawing of the column begins, from the shelf's top. */
  y: number;
}

/** Shelves of columns: the highest drawing first, lower ones stacked beside it, until a shelf is full. */
function pack(drawings: readonly Layout[]): Layout {
  const area = drawings.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0);
  const limit = largestOf(
    drawings.map(({ width }) => width),
    Math.sqrt(area * ASPECT),
  );
  const nodes: PlacedNode[] = [];
  const edges: PlacedEdge[] = [];
  let columns: Column[] = [];
  let [top, shelf, width] = [0, 0, 0];
  for (const drawing of [...drawings].sort((a, b) => b.height - a.height)) {
    const last = columns.at(-1);
    let column = columns.find(
      ({ x, width: wide, y }) =>
        y + drawing.height <= shelf &&
        (drawing.width <= wide || (x === last?.x && x + drawing.width <= limit)),
    );
    if (column === undefined) {
      let x = last === undefined ? 0 : last.x + last.width + GAP;
      if (columns.length === 0 || x + drawing.width > limit) {
        top += columns.length === 0 ? 0 : shelf + GAP;
        [columns, shelf, x] = [[], drawing.height, 0];
      }
      column = { x, width: 0, y: 0 };
      columns.push(column);
    }
    const by = { x: column.x + MARGIN, y: top + column.y + MARGIN };
    nodes.push(...drawing.nodes.map((node) => ({ ...node, ...moved(node, by) })));
    edges.push(
      ...drawing.edges.map(({ edge, points }) => ({ edge, points: points.map((point) => moved(point, by)) })),
    );
    column.width = Math.max(column.width, drawing.width);
    column.y += drawing.height + GAP;
    width = Math.max(width, column.x + column.width);
  }
  return { width: width + 2 * MARGIN, height: top + shelf + 2 * MARGIN, nodes, edges };
}

const moved = ({ x, y }: Point, by: Point): Point => ({ x: x + by.x, y: y + by.y });
