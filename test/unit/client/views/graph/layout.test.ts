import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphNode, ModuleGraph } from '../../../../../client/kernel/moduleGraph';
import { layOut, type Layout, type PlacedNode } from '../../../../../client/views/graph/layout';

const node = (name: string, size?: number): GraphNode => ({
  name,
  state: 'loaded',
  size,
  references: 0,
  focus: false,
});

function graph(names: readonly string[], edges: readonly (readonly [string, string])[] = []): ModuleGraph {
  return {
    nodes: names.map((name) => node(name)),
    edges: edges.map(([from, to]) => ({ from, to, kind: 'hard', symbols: [] })),
    leftOut: 0,
  };
}

const place = (layout: Layout, name: string): PlacedNode => {
  const found = layout.nodes.find((placed) => placed.node.name === name);
  if (found === undefined) {
    throw new Error(`${name} is not placed`);
  }
  return found;
};

const overlap = (a: PlacedNode, b: PlacedNode): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const linesWithin = ({ edges, width, height }: Layout): boolean =>
  edges.every(({ points }) => points.every(({ x, y }) => x >= 0 && y >= 0 && x <= width && y <= height));

describe('the layout of a graph', () => {
  it('puts what is needed to the right of what needs it', () => {
    const layout = layOut(
      graph(
        ['virtio_net', 'net_failover', 'failover'],
        [
          ['virtio_net', 'net_failover'],
          ['net_failover', 'failover'],
        ],
      ),
    );
    const [a, b, c] = ['virtio_net', 'net_failover', 'failover'].map((name) => place(layout, name).x);
    expect(a).toBeLessThan(b ?? 0);
    expect(b).toBeLessThan(c ?? 0);
  });

  it('leads a line from the right side of a box to the left side of the other', () => {
    const layout = layOut(graph(['a', 'b'], [['a', 'b']]));
    const [from, to] = [place(layout, 'a'), place(layout, 'b')];
    const points = layout.edges[0]?.points ?? [];
    expect(points[0]).toEqual({ x: from.x + from.width, y: from.y + from.height / 2 });
    expect(points.at(-1)).toEqual({ x: to.x, y: to.y + to.height / 2 });
  });

  it('has lines that pass below all boxes within the drawing', () => {
    const needs = {
      btrfs: 'libcrc32c raid6_pq xor zstd_compress crc32c_intel xxhash sha256 blake2b zram nf_tables',
      libcrc32c: 'crc32c_intel',
      nf_tables: 'nfnetlink libcrc32c',
      zram: 'zsmalloc',
    };
    const edges = Object.entries(needs).flatMap(([from, all]) =>
      all.split(' ').map((to) => [from, to] as const),
    );
    const layout = layOut(graph([...new Set(edges.flat())], edges));
    const lowest = Math.max(...layout.nodes.map(({ y, height }) => y + height));
    expect(layout.edges.some(({ points }) => points.some(({ y }) => y > lowest))).toBe(true);
    expect(linesWithin(layout)).toBe(true);
  });

  it('makes the box of a larger module higher', () => {
    const layout = layOut({ nodes: [node('small', 1000), node('large', 1_000_000)], edges: [], leftOut: 0 });
    expect(place(layout, 'large').height).toBeGreaterThan(place(layout, 'small').height);
  });

  it('survives a circle, and names that plain objects know', () => {
    const layout = layOut(
      graph(
        ['__proto__', 'constructor', 'x'],
        [
          ['__proto__', 'constructor'],
          ['constructor', '__proto__'],
          ['x', 'constructor'],
        ],
      ),
    );
    expect(layout.nodes).toHaveLength(3);
    expect(layout.edges.every(({ points }) => points.length >= 2)).toBe(true);
  });

  it('is empty for nothing', () => {
    expect(layOut(graph([]))).toMatchObject({ nodes: [], edges: [] });
  });

  it('is about as wide as a window where there are hundreds of modules', () => {
    const names = Array.from({ length: 300 }, (_, index) => `module_${index}`);
    const layout = layOut(
      graph(
        names,
        names.slice(1, 150).map((name, index) => [name, `module_${index >> 2}`] as const),
      ),
    );
    expect(layout.nodes).toHaveLength(300);
    expect(layout.width / layout.height).toBeGreaterThan(0.1);
    expect(layout.width / layout.height).toBeLessThan(10);
  });

  it('lays out more than dagre can in a moment, in columns and with straight lines', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `m${index}`);
    const wide = names.slice(1).map((name) => ['m0', name] as const);
    const chain = names.slice(0, 1000).map((name, index) => [name, `m${(index + 1) % 1000}`] as const);
    for (const edges of [wide, chain]) {
      const layout = layOut(graph(names, edges));
      expect(layout.nodes).toHaveLength(names.length);
      expect(layout.edges).toHaveLength(edges.length);
      expect(linesWithin(layout)).toBe(true);
      expect(place(layout, 'm0').x).toBeLessThan(place(layout, 'm1').x);
    }
  });

  it('places every module once, on no other, and it and every line within the drawing', () => {
    const graphs = fc.integer({ min: 1, max: 25 }).chain((count) =>
      fc
        .uniqueArray(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 40, selector: String })
        .map((pairs) =>
          graph(
            Array.from({ length: count }, (_, index) => `m${index}`),
            pairs.filter(([a, b]) => a !== b).map(([a, b]) => [`m${a}`, `m${b}`] as const),
          ),
        ),
    );
    fc.assert(
      fc.property(graphs, (given) => {
        const { nodes, edges, width, height } = layOut(given);
        expect(nodes.map((placed) => placed.node.name).sort()).toEqual(
          given.nodes.map(({ name }) => name).sort(),
        );
        expect(edges).toHaveLength(given.edges.length);
        expect(linesWithin({ nodes, edges, width, height })).toBe(true);
        for (const [index, a] of nodes.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
          expect(nodes.slice(index + 1).some((b) => overlap(a, b))).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});
