import type { Action, FromWebview, Page, Problem, Table, ToWebview } from '../page';
import { element } from './dom';
import { drawFacts, drawHead } from './head';
import { TableView } from './table';

/** What survives a hidden tab and a refresh. */
interface State {
  readonly filter: string;
  readonly scroll: number;
}

interface EditorApi {
  postMessage(message: FromWebview): void;
  getState(): State | undefined;
  setState(state: State): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** Rows drawn before the first paint, and in each step after it. */
const FIRST_ROWS = 60;
const STEP_ROWS = 400;

const editor = acquireVsCodeApi();
const root = document.body;
let tables: TableView[] = [];
let drawing: number | undefined;
let { filter, scroll }: State = editor.getState() ?? { filter: '', scroll: 0 };

const filterBox = element('input', {
  type: 'search',
  class: 'filter',
  placeholder: 'Filter',
  'aria-label': 'Filter all lists of this page',
  spellcheck: 'false',
});
const filterStatus = element('span', { class: 'filter-status', role: 'status' });
const tabs = element('nav', { class: 'tabs', 'aria-label': 'Lists' });
const main = element('main');
const toolbar = element(
  'div',
  { class: 'toolbar' },
  tabs,
  element('div', { class: 'search', role: 'search' }, filterBox, filterStatus),
);
filterBox.value = filter;

function showPage(page: Page): void {
  tables = page.tables.map((table) => new TableView(table));
  main.replaceChildren(...tables.map((table) => table.element));
  drawTabs();
  root.replaceChildren(
    drawHead(page, page.actions.map(button)),
    toolbar,
    element('div', { class: 'body' }, main, ...(page.facts.length === 0 ? [] : [drawFacts(page.facts)])),
  );
  tables.forEach((table) => table.draw(FIRST_ROWS));
  applyFilter();
  restoreScroll();
  drawRest();
}

function replaceTables(changed: readonly Table[]): void {
  for (const table of changed) {
    const index = tables.findIndex(({ data }) => data.id === table.id);
    const old = tables[index];
    if (old !== undefined) {
      const view = new TableView(table);
      view.draw(FIRST_ROWS);
      old.element.replaceWith(view.element);
      tables[index] = view;
    }
  }
  applyFilter();
  drawRest();
}

/** Long lists are drawn in steps, so that the page answers meanwhile. */
function drawRest(): void {
  const next = tables.find((table) => !table.isComplete);
  if (drawing !== undefined || next === undefined) {
    return;
  }
  drawing = window.setTimeout(() => {
    drawing = undefined;
    next.draw(STEP_ROWS);
    if (next.isComplete) {
      next.filter(filter);
      restoreScroll();
    }
    drawRest();
  });
}

function applyFilter(): void {
  const matches = tables.map((table) => table.filter(filter)).reduce((sum, count) => sum + count, 0);
  filterStatus.textContent = filter === '' ? '' : matches === 0 ? 'No matches' : `${matches} found`;
  for (const link of tabs.querySelectorAll('a')) {
    const table = tables.find(({ data }) => `#${data.id}` === link.getAttribute('href'));
    link.classList.toggle('empty', table?.element.hidden === true);
  }
}

function drawTabs(): void {
  tabs.replaceChildren(
    ...tables.map(({ data }) =>
      element(
        'a',
        { href: `#${data.id}` },
        element('span', { text: data.title }),
        element('span', { class: 'count', text: String(data.rows.length) }),
      ),
    ),
  );
}

const ACTIONS: Readonly<Record<Action, string>> = {
  copy: 'Copy as text',
  text: 'Show as text',
  compare: 'Compare with…',
  devices: 'Devices it would claim…',
};

function button(command: Action): HTMLElement {
  const made = element('button', { type: 'button', text: ACTIONS[command] });
  made.addEventListener('click', () => editor.postMessage({ kind: 'command', command }));
  return made;
}

function showProblem({ title, message, advice }: Problem): void {
  tables = [];
  root.replaceChildren(
    element(
      'main',
      { class: 'problem', role: 'alert' },
      element('h1', { text: title }),
      element('p', { text: message }),
      element('p', { class: 'note', text: advice }),
    ),
  );
}

let wantedScroll = scroll;

function restoreScroll(): void {
  if (wantedScroll > 0) {
    window.scrollTo(0, wantedScroll);
  }
}

function remember(): void {
  editor.setState({ filter, scroll });
}

filterBox.addEventListener('input', () => {
  filter = filterBox.value.trim().toLowerCase();
  applyFilter();
  remember();
});
filterBox.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && filterBox.value !== '') {
    event.stopPropagation();
    filterBox.value = '';
    filterBox.dispatchEvent(new Event('input'));
  }
});
window.addEventListener('scroll', () => {
  scroll = window.scrollY;
  remember();
});
for (const gesture of ['wheel', 'keydown', 'pointerdown']) {
  window.addEventListener(gesture, () => (wantedScroll = 0), { passive: true });
}
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null) {
    return;
  }
  event.preventDefault();
  const { module } = link.dataset;
  if (module !== undefined) {
    editor.postMessage({ kind: 'open', link: { module } });
    return;
  }
  const id = link.getAttribute('href')?.slice(1);
  const section = document.getElementById(id ?? '');
  section?.scrollIntoView();
  section?.querySelector('h2')?.focus({ preventScroll: true });
});
window.addEventListener('message', ({ data }: MessageEvent<ToWebview>) => {
  switch (data.kind) {
    case 'page':
      wantedScroll = scroll;
      showPage(data.page);
      break;
    case 'tables':
      replaceTables(data.tables);
      break;
    case 'problem':
      showProblem(data.problem);
      break;
  }
});
editor.postMessage({ kind: 'ready' });
