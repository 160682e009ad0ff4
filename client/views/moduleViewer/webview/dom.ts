import type { Markup } from '../drawing/markup';

const SVG = 'http://www.w3.org/2000/svg';

/** The elements of a piece. Its texts are set as texts, so nothing in them is ever read as markup. */
export function toElement({ tag, svg, attributes, children }: Markup): HTMLElement {
  const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children.map((child) => (typeof child === 'string' ? child : toElement(child))));
  // A drawing is handled as what it stands in: all that is asked of it is to be there.
  return made as HTMLElement;
}

/** What a piece is known to hold. */
export function find<Found extends HTMLElement>(root: ParentNode, selector: string): Found {
  const found = root.querySelector<Found>(selector);
  if (found === null) {
    throw new Error(`there is no ${selector}`);
  }
  return found;
}
