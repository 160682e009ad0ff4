import { describe, expect, it } from 'vitest';
import type { ModuleGraph } from '../../../../../client/kernel/moduleGraph';
import { layOut } from '../../../../../client/views/graph/layout';
import {
  escapeXml,
  exportGraph,
  graphStyle,
  renderGraph,
  renderLegend,
} from '../../../../../client/views/graph/svg';

const GRAPH: ModuleGraph = {
  nodes: [
    { name: 'virtio_net', state: 'loaded', size: 73728, references: 0, focus: true },
    { name: 'net_failover', state: 'available', size: undefined, references: undefined, focus: false },
  ],
  edges: [{ from: 'virtio_net', to: 'net_failover', kind: 'symbol', symbols: ['net_failover_create'] }],
  leftOut: 0,
};
const HOSTILE = '"><script>alert(1)</script>&\u0000\u202e\ud800';

/** What stands between the tags. */
const textOf = (svg: string): string => svg.replace(/<[^>]*>/g, ' ');

describe('the drawing of a graph', () => {
  it('shows names, sizes and references', () => {
    const text = textOf(renderGraph(layOut(GRAPH)));
    expect(text).toContain('virtio_net');
    expect(text).toContain('72 KB · 0 refs');
    expect(text).toContain('not loaded');
    expect(text).toContain('virtio_net takes symbols of net_failover: net_failover_create');
  });

  it('tells a screen reader what a module is and what it is connected with', () => {
    expect(renderGraph(layOut(GRAPH))).toContain(
      'aria-label="virtio_net, loaded, 72 KB, 0 references, needs net_failover"',
    );
    expect(renderGraph(layOut(GRAPH))).toContain(
      'aria-label="net_failover, not loaded, needed by virtio_net"',
    );
  });

  it('explains only the states and lines that it has', () => {
    expect(
      textOf(renderLegend(layOut(GRAPH)))
        .trim()
        .split(/\s{2,}/),
    ).toEqual(['loaded', 'not loaded', 'takes symbols of']);
  });

  it('takes a name for text, whatever is in it', () => {
    const hostile: ModuleGraph = {
      ...GRAPH,
      nodes: GRAPH.nodes.map((node) => ({ ...node, name: node.name + HOSTILE })),
      edges: GRAPH.edges.map((edge) => ({
        ...edge,
        from: `virtio_net${HOSTILE}`,
        to: `net_failover${HOSTILE}`,
        symbols: [HOSTILE],
      })),
    };
    const svg = exportGraph(layOut(hostile), HOSTILE, new Map());
    expect(svg).not.toContain('<script');
    expect(['\u0000', '\u202e'].filter((character) => svg.includes(character))).toEqual([]);
    // A lone surrogate is no character of UTF-8.
    expect(Buffer.from(svg).toString()).toBe(svg);
    expect(svg.match(/&(?!(amp|lt|gt|quot|#39);)/g)).toBeNull();
  });

  it('escapes what XML gives a meaning', () => {
    expect(escapeXml(`<a b="c">&'</a>`)).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&#39;&lt;/a&gt;');
  });
});

describe('an exported graph', () => {
  it('has the colours of the theme in it, and needs no theme', () => {
    const svg = exportGraph(layOut(GRAPH), 'x', new Map([['--vscode-charts-blue', '#3794ff']]));
    expect(svg).toContain('fill: #3794ff');
    expect(svg).not.toContain('var(');
  });

  it.each(['red; } </style><script>', 'url(http://example.org)', '#12', 'var(--x)'])(
    'takes %j for no colour',
    (value) => {
      const svg = exportGraph(layOut(GRAPH), 'x', new Map([['--vscode-charts-blue', value]]));
      expect(svg).not.toContain(`: ${value};`);
      expect(svg).toContain('fill: #808080');
    },
  );
});

it('the style leaves the colours to the theme', () => {
  expect(graphStyle((variable) => `var(${variable})`)).toContain('fill: var(--vscode-charts-blue)');
});
