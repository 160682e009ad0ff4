import { cellOf, type FactGroup, type Page, type SizeBar } from '../page';
import { actionMarkup } from './action';
import { cellMarkup, classes, toneClass } from './cells';
import { drawing, element, type Markup } from './markup';

/** Title, badges, description and the size bars. */
export function headMarkup(page: Page): Markup {
  return element(
    'header',
    { class: 'head' },
    chip(),
    element(
      'div',
      { class: 'head-text' },
      element(
        'div',
        { class: 'title' },
        element('h1', { text: page.title }),
        ...(page.subtitle === '' ? [] : [element('span', { class: 'subtitle', text: page.subtitle })]),
      ),
      ...(page.description === '' ? [] : [element('p', { class: 'description', text: page.description })]),
      ...(page.place === undefined ? [] : [element('p', { class: 'place', text: page.place })]),
      ...(page.badges.length === 0
        ? []
        : [
            element(
              'ul',
              { class: 'badges', 'aria-label': 'In short' },
              ...page.badges.map((badge) =>
                element('li', { class: classes('badge', toneClass(badge.tone)) }, ...cellMarkup(badge)),
              ),
            ),
          ]),
      element('div', { class: 'actions' }, ...page.actions.map((action) => actionMarkup(action))),
    ),
    element('div', { class: 'sizes' }, ...page.sizes.map(sizeBarMarkup), ...legend(page.sizes)),
  );
}

/** The extension's icon, in the colour of the text. */
function chip(): Markup {
  const pins = [6, 12, 18]
    .flatMap((at) => [`M${at} 1v4`, `M${at} 19v4`, `M1 ${at}h4`, `M19 ${at}h4`])
    .join('');
  return drawing(
    'svg',
    { class: 'chip', viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    drawing('rect', { x: '5', y: '5', width: '14', height: '14', rx: '1.5' }),
    drawing('rect', { x: '9', y: '9', width: '6', height: '6', rx: '0.5' }),
    drawing('path', { d: pins }),
  );
}

function sizeBarMarkup({ title, parts, scale }: SizeBar): Markup {
  const shown = parts.filter(({ bytes }) => bytes > 0);
  const label = `${title}: ${shown.map((part) => `${part.label} ${part.text}`).join(', ')}`;
  let at = 0;
  const bars = shown.map((part) => {
    const width = scale === 0 ? 0 : (100 * part.bytes) / scale;
    const bar = drawing(
      'rect',
      { class: `size-${part.kind}`, x: `${at}%`, y: '0', width: `${width}%`, height: '100%' },
      drawing('title', { text: `${part.label}: ${part.text}` }),
    );
    at += width;
    return bar;
  });
  return element(
    'div',
    { class: 'size' },
    element('div', { class: 'size-title', text: title }),
    drawing('svg', { class: 'size-bar', role: 'img', 'aria-label': label }, ...bars),
  );
}

/** One legend for all bars; with one bar it says the sizes too. */
function legend(sizes: readonly SizeBar[]): Markup[] {
  const labels = new Map(
    sizes.flatMap(({ parts }) =>
      parts.filter(({ bytes }) => bytes > 0).map((part) => [part.kind, part] as const),
    ),
  );
  if (labels.size === 0) {
    return [];
  }
  return [
    element(
      'ul',
      { class: 'legend' },
      ...[...labels.values()].map(({ kind, label, text }) =>
        element(
          'li',
          {},
          element('span', { class: `swatch size-${kind}`, 'aria-hidden': 'true' }),
          element('span', { text: label }),
          ...(sizes.length === 1 ? [element('span', { class: 'note', text })] : []),
        ),
      ),
    ),
  ];
}

/** The list at the side: what there is one of. */
export const factsMarkup = (groups: readonly FactGroup[]): Markup =>
  element(
    'aside',
    { class: 'facts', 'aria-label': 'About this module' },
    ...groups.map(({ title, facts }) =>
      element(
        'section',
        {},
        element('h2', { text: title }),
        element(
          'dl',
          {},
          ...facts.flatMap(({ label, values, mono }) => [
            element('dt', { text: label }),
            ...values.map((value) =>
              element(
                'dd',
                { class: classes(mono === true ? 'mono' : undefined, toneClass(cellOf(value).tone)) },
                ...cellMarkup(value),
              ),
            ),
          ]),
        ),
      ),
    ),
  );
