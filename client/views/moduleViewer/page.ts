/**
 * What a page about modules shows: plain data, sent to the webview as a message and drawn there, or printed as
 * text. Every text in it may come from a hostile file: it is never markup.
 */

/** A tone is shown as a colour and as an icon or a word: never by the colour alone. */
export type Tone = 'warning' | 'added' | 'removed' | 'changed';

/** What a link opens: the extension looks the module up. */
export interface ModuleLink {
  /** A module's name. */
  readonly module: string;
}

export interface Cell {
  readonly text: string;
  /** Said after the text, in a quieter colour. */
  readonly note?: string;
  readonly link?: ModuleLink;
  readonly tone?: Tone;
}

/** A text alone is a cell. */
export type CellContent = string | Cell;

export interface Column {
  readonly title: string;
  /** "fit": as wide as its longest text, within reason; "fill": a share of what is left. */
  readonly width: 'fit' | 'fill';
  /** Of kind "fit": at least as wide as so many characters. */
  readonly least?: number;
  readonly mono?: true;
  /** Numbers stand at the right. */
  readonly numeric?: true;
}

export interface Row {
  readonly cells: readonly CellContent[];
  /** The heading that this row stands below; rows of one group follow each other. */
  readonly group?: string;
  readonly tone?: Tone;
}

export interface Table {
  /** A word for links within the page: "imports". */
  readonly id: string;
  readonly title: string;
  /** A sentence below the title. */
  readonly hint?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** A label with a value, in the list at the side. */
export interface Fact {
  readonly label: string;
  readonly values: readonly CellContent[];
  readonly mono?: true;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** The kinds of bytes that the size bar tells apart. */
export type SizeKind =
  'code' | 'data' | 'readOnly' | 'metadata' | 'symbols' | 'relocations' | 'debug' | 'other';

interface SizePart {
  readonly kind: SizeKind;
  readonly label: string;
  /** In the file; for zero-filled data what it takes in memory. */
  readonly bytes: number;
  /** "6.7 KB" */
  readonly text: string;
}

export interface SizeBar {
  /** "212 KB in the file, 14 KB in memory" */
  readonly title: string;
  readonly parts: readonly SizePart[];
  /** The bytes of the full width; bars that are compared have the same. */
  readonly scale: number;
}

export interface Page {
  readonly title: string;
  /** Beside the title, for example the version. */
  readonly subtitle: string;
  /** Where it lies, where that is not this machine. */
  readonly place?: string;
  readonly badges: readonly Cell[];
  readonly description: string;
  readonly facts: readonly FactGroup[];
  readonly sizes: readonly SizeBar[];
  readonly tables: readonly Table[];
  /** What the page has buttons for. */
  readonly actions: readonly Action[];
}

export const ACTIONS = ['copy', 'text', 'compare', 'devices', 'connect', 'retry'] as const;

export type Action = (typeof ACTIONS)[number];

/** A file that can not be shown, and what to do. */
export interface Problem {
  readonly title: string;
  readonly message: string;
  readonly advice: string;
  /** What a button offers. */
  readonly action?: Action;
}

/** Extension -> webview. */
export type ToWebview =
  | { readonly kind: 'page'; readonly page: Page }
  /** What was found out after the first page: tables that replace those of the same id. */
  | { readonly kind: 'tables'; readonly tables: readonly Table[] }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Webview -> extension. */
export type FromWebview =
  | { readonly kind: 'ready' }
  | { readonly kind: 'open'; readonly link: ModuleLink }
  | { readonly kind: 'command'; readonly command: Action };

export const cellOf = (content: CellContent): Cell =>
  typeof content === 'string' ? { text: content } : content;
