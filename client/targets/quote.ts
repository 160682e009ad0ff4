/**
 * Quotes one word for a POSIX shell: inside single quotes nothing is special but the single quote
 * itself (POSIX.1-2017, XCU 2.2.2).
 * @throws RangeError for a NUL, which no program argument can hold
 */
export function quote(word: string): string {
  if (word.includes('\0')) {
    throw new RangeError(`${JSON.stringify(word)} holds a NUL character and can not be an argument`);
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that gives a POSIX shell exactly these words. */
export function quoteAll(argv: readonly string[]): string {
  return argv.map(quote).join(' ');
}

/** A command line for a person to read and paste: what needs no quotes has none, and a leading `~/` stays one. */
export function quoteForPeople(argv: readonly string[]): string {
  return argv
    .map((word) => (/^(?:~\/)?[\w@%+=:,./-]+$/.test(word) && !word.startsWith('=') ? word : quote(word)))
    .join(' ');
}
