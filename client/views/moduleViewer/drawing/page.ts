import type { Page, Problem, Table } from '../page';
import { actionMarkup } from './action';
import { factsMarkup, headMarkup } from './head';
import { element, type Markup } from './markup';

/** A page around its tables. */
export const pageMarkup = (page: Page, tables: readonly Markup[]): Markup[] => [
  headMarkup(page),
  toolbar(page.tables),
  element(
    'div',
    { class: 'body' },
    element('main', {}, ...tables),
    ...(page.facts.length === 0 ? [] : [factsMarkup(page.facts)]),
  ),
];

const toolbar = (tables: readonly Table[]): Markup =>
  element(
    'div',
    { class: 'toolbar' },
    element(
      'nav',
      { class: 'tabs', 'aria-label': 'Lists' },
      ...tables.map(({ id, title, rows }) =>
        element(
          'a',
          { href: `#${id}` },
          element('span', { text: title }),
          element('span', { class: 'count', text: String(rows.length) }),
        ),
      ),
    ),
    element(
      'div',
      { class: 'search', role: 'search' },
      element('input', {
        type: 'search',
        class: 'filter',
        placeholder: 'Filter',
        'aria-label': 'Filter all lists of this page',
        spellcheck: 'false',
      }),
      element('span', { class: 'filter-status', role: 'status' }),
    ),
  );

/** Why there is no page. */
export const problemMarkup = ({ title, message, advice, action }: Problem): Markup =>
  element(
    'main',
    { class: 'problem', role: 'alert' },
    element('h1', { text: title }),
    element('p', { text: message }),
    element('p', { class: 'note', text: advice }),
    ...(action === undefined ? [] : [actionMarkup(action, 'main')]),
  );
