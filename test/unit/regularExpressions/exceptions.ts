import type { ConstructedExpression, WrittenExpression } from './collect';

/** Why an expression may stay although it is slow for some text. */
export interface Exception {
  readonly file: string;
  /** As it is written. */
  readonly source: string;
  /** Why no text from outside reaches it, or where the text is cut first. */
  readonly reason: string;
}

export const SLOW: readonly Exception[] = [
  {
    file: 'kmod/modalias/decode.ts',
    source: '([^{]*)\\{([^}=]+)(=text)?\\}(?=(.?))',
    reason: 'reads the formats of kmod/modalias/formats.ts, which are ours',
  },
];

/** Why the text that goes into an expression does no harm. */
export const CONSTRUCTED: readonly (Pick<ConstructedExpression, 'file' | 'code'> & {
  readonly reason: string;
})[] = [
  {
    file: 'kmod/modalias/decode.ts',
    code: '`^${pattern}\\\\*?$`',
    reason: 'made of the formats of kmod/modalias/formats.ts so that it never has two ways to read a text',
  },
  {
    file: 'kmod/tree/search.ts',
    code: "pattern, 'gi'",
    reason: 'the text that is looked for, each character for itself: nothing repeats',
  },
  {
    file: 'server/language/languageOf.ts',
    code: '`(^|/)${language}(\\\\.d/[^/]+)?\\\\.conf$`',
    reason: 'the name of one of our three languages',
  },
  {
    file: 'client/build/buildOutput.ts',
    code: "`(?<![\\\\w\"])${symbol.replace(/[^\\w]/g, '\\\\$&')}\\\\b`",
    reason: 'the name of a symbol, each character for itself: nothing repeats',
  },
];

/** Whether an exception is about an expression. */
export const isAbout =
  ({ file, source }: WrittenExpression) =>
  (exception: Exception): boolean =>
    exception.file === file && exception.source === source;
