/** Text from outside as it may be shown: what moves, hides or turns the text around it is a visible sign. */
export const plainText = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');

/** The same for text of several lines, which may be indented. */
export const plainLines = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n' || character === '\t' ? character : '\ufffd',
  );

/**
 * A line of a program for a terminal that nobody opened for it: its colours (SGR, ECMA-48 8.3.117) stay, and end with
 * it. All else that a terminal acts on (titles, links, the clipboard, the cursor) is visible and does nothing.
 */
export function colouredLine(text: string): string {
  const line = text.replace(
    // eslint-disable-next-line no-control-regex -- it is what this looks for.
    /(\x1b\[[\d;:]{0,40}m)|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character, colour: string | undefined) => colour ?? (character === '\t' ? '\t' : '\ufffd'),
  );
  return line.includes('\x1b') ? `${line}\x1b[0m` : line;
}
