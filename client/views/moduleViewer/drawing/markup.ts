import { escapeMarkup } from '../../escapeMarkup';

/** A piece of a page, before it is an element of the webview or a text of HTML. */
export interface Markup {
  readonly tag: string;
  /** Of a drawing: its elements are of another namespace. */
  readonly svg: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Markup | string)[];
}

interface Attributes {
  readonly text?: string;
  readonly [name: string]: string | undefined;
}

const piece =
  (svg: boolean) =>
  (tag: string, { text, ...attributes }: Attributes = {}, ...children: readonly Markup[]): Markup => ({
    tag,
    svg,
    attributes: Object.fromEntries(
      Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    children: text === undefined ? children : [text, ...children],
  });

/** An element. Its text is text, whatever is in it. */
export const element = piece(false);

/** An element of an SVG drawing. */
export const drawing = piece(true);

/** The piece as HTML. Tags and names of attributes are ours; all else is escaped. */
export function toHtml({ tag, attributes, children }: Markup): string {
  const start = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeMarkup(value)}"`)
    .join('');
  const inner = children
    .map((child) => (typeof child === 'string' ? escapeMarkup(child) : toHtml(child)))
    .join('');
  return tag === 'input' ? `<input${start}>` : `<${tag}${start}>${inner}</${tag}>`;
}
