import type { FromGraphPage, ToGraphPage } from '../messages';
import { Viewport } from './viewport';

declare function acquireVsCodeApi(): { postMessage(message: FromGraphPage): void };

const editor = acquireVsCodeApi();
const STEP = 1.25;
const PAN = 80;

const heading = document.createElement('h1');
const summary = document.createElement('p');
const legend = document.createElement('div');
legend.className = 'legend-frame';
const stage = document.createElement('main');
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [sheet];

let viewport: Viewport | undefined;
let nodes: SVGGElement[] = [];
let edges: SVGGElement[] = [];
let variables: readonly string[] = [];

const button = (text: string, label: string, run: () => void): HTMLButtonElement => {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.title = label;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', run);
  return made;
};

const toolbar = document.createElement('div');
toolbar.className = 'toolbar';
toolbar.setAttribute('role', 'toolbar');
toolbar.setAttribute('aria-label', 'Graph');
toolbar.append(
  button('−', 'Zoom out (−)', () => viewport?.zoom(STEP)),
  button('+', 'Zoom in (+)', () => viewport?.zoom(1 / STEP)),
  button('Fit', 'Show all of it (0)', () => viewport?.fit()),
  button('Refresh', 'Read the modules again', () => editor.postMessage({ kind: 'refresh' })),
  button('Export SVG…', 'Save the graph as an SVG file', exportColours),
);
const header = document.createElement('header');
const titles = document.createElement('div');
titles.append(heading, summary);
header.append(titles, toolbar);
document.body.append(header, stage, legend);

/** The drawing is parsed as XML, not as HTML: nothing in it can become a script. */
function drawing(text: string): SVGSVGElement {
  const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml');
  return document.importNode(documentElement, true) as unknown as SVGSVGElement;
}

function show(message: Extract<ToGraphPage, { kind: 'graph' }>): void {
  heading.textContent = message.title;
  summary.textContent = message.summary;
  variables = message.variables;
  sheet.replaceSync(message.style);
  const svg = drawing(message.graph);
  svg.setAttribute('role', 'group');
  svg.setAttribute(
    'aria-label',
    `${message.title}. ${message.summary}. Arrow keys go from module to module.`,
  );
  const shownLegend = drawing(message.legend);
  shownLegend.setAttribute('role', 'img');
  shownLegend.setAttribute('aria-label', 'Legend');
  legend.replaceChildren(shownLegend);
  const focused = focusedName();
  stage.replaceChildren(svg);
  nodes = [...svg.querySelectorAll<SVGGElement>('[data-node]')];
  edges = [...svg.querySelectorAll<SVGGElement>('[data-from]')];
  viewport = new Viewport(
    svg,
    nodes.find((node) => node.classList.contains('subject')),
  );
  const first =
    nodes.find((node) => node.dataset['name'] === focused) ??
    nodes.find((node) => node.classList.contains('subject')) ??
    nodes[0];
  first?.setAttribute('tabindex', '0');
  if (focused !== undefined) {
    first?.focus({ preventScroll: true });
  }
}

const focusedName = (): string | undefined =>
  document.activeElement instanceof SVGGElement ? document.activeElement.dataset['name'] : undefined;

const nodeAt = (target: EventTarget | null): SVGGElement | undefined =>
  (target instanceof Element ? target.closest<SVGGElement>('[data-node]') : null) ?? undefined;

/** Shows what a node is connected with, and the rest faintly; undefined: all of it. */
function highlight(node: SVGGElement | undefined): void {
  const id = node?.dataset['node'];
  stage.classList.toggle('highlighting', id !== undefined);
  const near = new Set([id]);
  for (const edge of edges) {
    const { from, to } = edge.dataset;
    const touches = id !== undefined && (from === id || to === id);
    edge.classList.toggle('near', touches);
    if (touches) {
      near.add(from).add(to);
    }
  }
  for (const other of nodes) {
    other.classList.toggle('near', id !== undefined && near.has(other.dataset['node']));
  }
}

function focus(node: SVGGElement): void {
  nodes.forEach((other) => other.setAttribute('tabindex', '-1'));
  node.setAttribute('tabindex', '0');
  node.focus({ preventScroll: true });
  viewport?.reveal(node);
}

const DIRECTIONS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The nearest node in a direction: what is aside counts twice. */
function neighbour(node: SVGGElement, [dx, dy]: readonly [number, number]): SVGGElement | undefined {
  const centre = (element: Element): [number, number] => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const [x, y] = centre(node);
  let best: SVGGElement | undefined;
  let least = Infinity;
  for (const other of nodes) {
    const [ox, oy] = centre(other);
    const along = (ox - x) * dx + (oy - y) * dy;
    const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (along > 1 && along + 2 * aside < least) {
      least = along + 2 * aside;
      best = other;
    }
  }
  return best;
}

function open(node: SVGGElement): void {
  editor.postMessage({ kind: 'open', name: node.dataset['name'] ?? '' });
}

function exportColours(): void {
  const style = getComputedStyle(document.documentElement);
  editor.postMessage({
    kind: 'export',
    colours: variables.map((variable) => [variable, style.getPropertyValue(variable).trim()] as const),
  });
}

document.addEventListener('keydown', (event) => {
  const direction = DIRECTIONS[event.key];
  const node = nodeAt(event.target);
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (node !== undefined && (event.key === 'Enter' || event.key === ' ')) {
    open(node);
  } else if (direction !== undefined && node !== undefined && !event.shiftKey) {
    const next = neighbour(node, direction);
    if (next !== undefined) {
      focus(next);
    }
  } else if (direction !== undefined) {
    viewport?.pan(direction[0] * PAN, direction[1] * PAN);
  } else if (event.key === '+' || event.key === '=') {
    viewport?.zoom(1 / STEP);
  } else if (event.key === '-') {
    viewport?.zoom(STEP);
  } else if (event.key === '0') {
    viewport?.fit();
  } else {
    return;
  }
  event.preventDefault();
});

stage.addEventListener(
  'wheel',
  (event) => {
    event.preventDefault();
    viewport?.zoom(event.deltaY > 0 ? 1.1 : 1 / 1.1, { x: event.clientX, y: event.clientY });
  },
  { passive: false },
);

/** Pixels after which a press is a drag, and no click. */
const SLOP = 4;
let press: { x: number; y: number; moved: boolean } | undefined;

stage.addEventListener('pointerdown', (event) => {
  if (event.button === 0) {
    press = { x: event.clientX, y: event.clientY, moved: false };
  }
});
stage.addEventListener('pointermove', (event) => {
  if (press === undefined || event.buttons === 0) {
    press = undefined;
    return;
  }
  const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
  if (press.moved || Math.hypot(dx, dy) > SLOP) {
    stage.setPointerCapture(event.pointerId);
    stage.classList.add('dragging');
    viewport?.pan(-dx, -dy);
    press = { x: event.clientX, y: event.clientY, moved: true };
  }
});
stage.addEventListener('pointerup', (event) => {
  const node = nodeAt(event.target);
  if (press?.moved === false && node !== undefined) {
    focus(node);
    open(node);
  }
  press = undefined;
  stage.classList.remove('dragging');
});
stage.addEventListener('pointerover', (event) =>
  highlight(nodeAt(event.target) ?? nodeAt(document.activeElement)),
);
stage.addEventListener('pointerleave', () => highlight(nodeAt(document.activeElement)));
stage.addEventListener('focusin', (event) => highlight(nodeAt(event.target)));
stage.addEventListener('focusout', () => highlight(undefined));
new ResizeObserver(() => viewport?.resize()).observe(stage);

window.addEventListener('message', ({ data }: MessageEvent<ToGraphPage>) => {
  if (data.kind === 'graph') {
    show(data);
  } else {
    const text = document.createElement('p');
    text.className = 'problem';
    text.setAttribute('role', 'alert');
    text.textContent = data.text;
    heading.textContent = data.title;
    summary.textContent = '';
    legend.replaceChildren();
    stage.replaceChildren(text);
    viewport = undefined;
    nodes = [];
    edges = [];
  }
});
editor.postMessage({ kind: 'ready' });
