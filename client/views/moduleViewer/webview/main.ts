import { pageMarkup, problemMarkup } from '../drawing/page';
import { ACTIONS, type FromWebview, type Page, type Table, type ToWebview } from '../page';
import { find, toElement } from './dom';
import { TableView } from './table';

/** What survives a hidden tab and a refresh. */
interface State {
  readonly filter: string;
  readonly scroll: number;
  /** What the extension is told of this page when a new window shows it again. */
  readonly memory: unknown;
}

interface EditorApi {
  postMessage(message: FromWebview): void;
  getState(): Omit<State, 'memory'> | undefined;
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
const memory: unknown = JSON.parse(root.dataset['memory'] ?? 'null');
let { filter, scroll } = editor.getState() ?? { filter: '', scroll: 0 };

function showPage(page: Page): void {
  const hadFocus = document.activeElement?.classList.contains('filter') === true;
  tables = page.tables.map((table) => new TableView(table));
  root.replaceChildren(...pageMarkup(page, []).map(toElement));
  find(root, 'main').append(...tables.map((table) => table.element));
  const filterBox = find<HTMLInputElement>(root, '.filter');
  filterBox.value = filter;
  if (hadFocus) {
    filterBox.focus({ preventScroll: true });
  }
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
  const status = root.querySelector('.filter-status');
  if (status === null) {
    return;
  }
  status.textContent = filter === '' ? '' : matches === 0 ? 'No matches' : `${matches} found`;
  for (const link of root.querySelectorAll('.tabs a')) {
    const table = tables.find(({ data }) => `#${data.id}` === link.getAttribute('href'));
    link.classList.toggle('empty', table?.element.hidden === true);
  }
}

let wantedScroll = scroll;

function restoreScroll(): void {
  if (wantedScroll > 0) {
    window.scrollTo(0, wantedScroll);
  }
}

function remember(): void {
  editor.setState({ filter, scroll, memory });
}

const isFilter = (target: EventTarget | null): target is HTMLInputElement =>
  target instanceof HTMLInputElement && target.classList.contains('filter');

document.addEventListener('input', ({ target }) => {
  if (isFilter(target)) {
    filter = target.value.trim().toLowerCase();
    applyFilter();
    remember();
  }
});
document.addEventListener('keydown', (event) => {
  const { target } = event;
  if (event.key === 'Escape' && isFilter(target) && target.value !== '') {
    event.stopPropagation();
    target.value = '';
    target.dispatchEvent(new Event('input', { bubbles: true }));
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
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-action]') : null;
  const action = ACTIONS.find((known) => known === button?.dataset['action']);
  if (action !== undefined) {
    editor.postMessage({ kind: 'command', command: action });
    return;
  }
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
      tables = [];
      root.replaceChildren(toElement(problemMarkup(data.problem)));
      break;
  }
});
remember();
editor.postMessage({ kind: 'ready' });
