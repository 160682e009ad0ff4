import { groupBy } from '../../../kmod/groupBy';
import { plainText } from '../../../kmod/plainText';
import type { EdgeKind, NodeState } from '../../kernel/moduleGraph';
import { formatSize } from '../../kernel/formatSize';
import { escapeMarkup } from '../escapeMarkup';
import { plural } from '../format';
import { nodeTitle, type Layout, type PlacedEdge, type PlacedNode, type Point } from './layout';

/** The colours of a drawing, by what they are for, as the names of the editor's theme variables. */
const COLOURS = {
  background: '--vscode-editor-background',
  text: '--vscode-editor-foreground',
  muted: '--vscode-descriptionForeground',
  focus: '--vscode-focusBorder',
  loaded: '--vscode-charts-blue',
  builtin: '--vscode-charts-purple',
  available: '--vscode-charts-foreground',
  missing: '--vscode-charts-red',
} as const;

/** The theme variables whose values an exported file needs. */
export const THEME_VARIABLES: readonly string[] = Object.values(COLOURS);

const STATES: readonly (readonly [NodeState, string])[] = [
  ['loaded', 'loaded'],
  ['builtin', 'built-in'],
  ['available', 'not loaded'],
  ['missing', 'not installed'],
];

const EDGES: readonly (readonly [EdgeKind, string])[] = [
  ['hard', 'depends on'],
  ['soft', 'softdep'],
  ['weak', 'weakdep'],
  ['symbol', 'takes symbols of'],
];

/**
 * The rules for a drawing. State and kind are told by colour and by the line, for those who see no colours.
 * @param valueOf a theme variable's value; `var(NAME)` where there is a theme
 */
export function graphStyle(valueOf: (variable: string) => string): string {
  const colour = (name: keyof typeof COLOURS): string => valueOf(COLOURS[name]);
  return `
.node rect { stroke-width: 1.5; fill-opacity: .16; }
.node text { font: 12px system-ui, sans-serif; fill: ${colour('text')}; }
.node text.detail, .legend text { font-size: 10.5px; fill: ${colour('muted')}; }
.node text.name { font-weight: 600; }
.legend text { font-family: system-ui, sans-serif; }
${STATES.map(([state]) => `.${state} rect { fill: ${colour(state)}; stroke: ${colour(state)}; }`).join('\n')}
.available rect { stroke-dasharray: 5 3; fill-opacity: .06; }
.missing rect { stroke-dasharray: 2 3; fill-opacity: .08; }
.builtin rect { stroke-width: 3; }
.node.subject rect.box { stroke: ${colour('focus')}; stroke-width: 3; fill-opacity: .3; }
.edge path { fill: none; stroke: ${colour('muted')}; stroke-width: 1.4; }
.edge.soft path { stroke-dasharray: 7 4; }
.edge.weak path { stroke-dasharray: 10 3 2 3; stroke-width: 1.1; }
.edge.symbol path { stroke-dasharray: 1.5 4; stroke-linecap: round; stroke-width: 2; }
.edge path.head { fill: ${colour('muted')}; stroke: none; }
.sheet { fill: ${colour('background')}; }
`;
}

/** Text of a target as XML: it can be no markup, and no character that XML forbids. */
export const escapeXml = (text: string): string =>
  escapeMarkup(plainText(text).replace(/[\ufffe\uffff]/g, '\ufffd'));

const round = (value: number): string => String(Math.round(value * 10) / 10);

/** A drawing without colours: graphStyle() gives them. Names are text in it, and nothing else. */
export function renderGraph({ width, height, nodes, edges }: Layout): string {
  const index = new Map(nodes.map(({ node }, at) => [node.name, at]));
  const needs = groupBy(edges, ({ edge }) => edge.from);
  const users = groupBy(edges, ({ edge }) => edge.to);
  const nodeText = (placed: PlacedNode, at: number): string => {
    const { name } = placed.node;
    const needed = needs.get(name)?.map(({ edge }) => edge.to) ?? [];
    const neededBy = users.get(name)?.map(({ edge }) => edge.from) ?? [];
    return renderNode(placed, at, describeNode(placed.node, needed, neededBy));
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" class="graph">
<g class="edges">${edges.map((edge) => renderEdge(edge, index)).join('\n')}</g>
<g class="nodes">${nodes.map(nodeText).join('\n')}</g>
</svg>`;
}

/** What the lines and colours mean, of those that the drawing has. */
export function renderLegend({ nodes, edges }: Layout): string {
  const states = STATES.filter(([state]) => nodes.some(({ node }) => node.state === state));
  const kinds = EDGES.filter(([kind]) => edges.some(({ edge }) => edge.kind === kind));
  let x = 0;
  const entry = (drawing: string, text: string): string => {
    const at = x;
    x += 34 + text.length * 6.2 + 18;
    return `<g transform="translate(${round(at)} 0)">${drawing}<text x="34" y="13">${text}</text></g>`;
  };
  const entries = [
    ...states.map(([state, text]) =>
      entry(`<g class="node ${state}"><rect x="1.5" y="2" width="25" height="14" rx="3"/></g>`, text),
    ),
    ...kinds.map(([kind, text]) =>
      entry(
        `<g class="edge ${kind}"><path d="M0 9H20"/><path class="head" d="M20 5L28 9L20 13Z"/></g>`,
        text,
      ),
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" class="legend" width="${round(x)}" height="18" viewBox="0 0 ${round(x)} 18">${entries.join('')}</svg>`;
}

/** A file of its own, in the colours of a theme. @param colours values of THEME_VARIABLES; what is no colour is left out */
export function exportGraph(layout: Layout, title: string, colours: ReadonlyMap<string, string>): string {
  const valueOf = (variable: string): string => {
    const value = colours.get(variable) ?? '';
    return /^(#[0-9a-f]{3,8}|rgba?\([\d., %/]+\))$/i.test(value) ? value : '#808080';
  };
  const [width, height] = [layout.width, layout.height + 34];
  const body = renderGraph(layout).replace(
    'class="graph"',
    `class="graph" width="${round(layout.width)}" height="${round(layout.height)}"`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img" aria-label="${escapeXml(title)}">
<title>${escapeXml(title)}</title>
<style>${graphStyle(valueOf)}</style>
<rect class="sheet" width="100%" height="100%"/>
${body}
<g transform="translate(16 ${round(layout.height + 4)})">${renderLegend(layout)}</g>
</svg>
`;
}

function renderNode({ node, x, y, width, height }: PlacedNode, at: number, description: string): string {
  const middle = height / 2;
  const details = [
    ...(node.size === undefined ? [] : [formatSize(node.size)]),
    ...(node.references === undefined ? [] : [plural(node.references, 'ref')]),
  ];
  const second =
    details.length > 0 ? details.join(' · ') : (STATES.find(([state]) => state === node.state)?.[1] ?? '');
  return `<g class="node ${node.state}${node.focus ? ' subject' : ''}" data-node="${at}" data-name="${escapeXml(node.name)}" transform="translate(${round(x)} ${round(y)})" role="link" tabindex="-1" aria-label="${escapeXml(description)}"><rect class="box" width="${round(width)}" height="${round(height)}" rx="5"/><text class="name" x="${round(width / 2)}" y="${round(middle - 3)}" text-anchor="middle">${escapeXml(nodeTitle(node.name))}</text><text class="detail" x="${round(width / 2)}" y="${round(middle + 12)}" text-anchor="middle">${escapeXml(second)}</text></g>`;
}

/** "virtio_net, loaded, 72 KB, 0 refs, needs net_failover and 2 more, used by nothing" */
function describeNode(
  { name, state, size, references }: PlacedNode['node'],
  needs: readonly string[],
  users: readonly string[],
): string {
  return [
    name,
    STATES.find(([known]) => known === state)?.[1] ?? state,
    ...(size === undefined ? [] : [formatSize(size)]),
    ...(references === undefined ? [] : [plural(references, 'reference')]),
    ...(needs.length === 0 ? [] : [`needs ${needs.join(', ')}`]),
    ...(users.length === 0 ? [] : [`needed by ${users.join(', ')}`]),
  ].join(', ');
}

function renderEdge({ edge, points }: PlacedEdge, index: ReadonlyMap<string, number>): string {
  const last = points.at(-1);
  const before = points.at(-2);
  if (last === undefined || before === undefined) {
    return '';
  }
  const word = EDGES.find(([kind]) => kind === edge.kind)?.[1] ?? '';
  const symbols =
    edge.symbols.length === 0
      ? ''
      : `: ${edge.symbols.slice(0, 20).join(', ')}${edge.symbols.length > 20 ? ', …' : ''}`;
  const title = `${edge.from} ${word} ${edge.to}${symbols}`;
  return `<g class="edge ${edge.kind}" data-from="${index.get(edge.from) ?? ''}" data-to="${index.get(edge.to) ?? ''}"><title>${escapeXml(title)}</title><path d="${curve(points)}"/><path class="head" d="${arrowHead(before, last)}"/></g>`;
}

/** A smooth line that runs level through every point. */
function curve(points: readonly Point[]): string {
  return points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      if (before === undefined) {
        return `M${round(x)} ${round(y)}`;
      }
      const middle = round((before.x + x) / 2);
      return `C${middle} ${round(before.y)} ${middle} ${round(y)} ${round(x)} ${round(y)}`;
    })
    .join('');
}

const HEAD = 8;

function arrowHead(before: Point, { x, y }: Point): string {
  const back = before.x <= x ? -HEAD : HEAD;
  return `M${round(x)} ${round(y)}L${round(x + back)} ${round(y - HEAD / 2)}L${round(x + back)} ${round(y + HEAD / 2)}Z`;
}
