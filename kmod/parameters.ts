/** A parameter can not be written so that the kernel reads what was meant. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  constructor(
    readonly parameter: string,
    reason: string,
  ) {
    super(`parameter ${JSON.stringify(parameter)}: ${reason}`);
  }
}

/** A word of a module's arguments. */
export interface ParameterAssignment {
  readonly name: string;
  /** Undefined where the word has no '='. */
  readonly value?: string;
}

/** The kernel's isspace(): it looks at bytes, and takes the Latin-1 no-break space for one, even inside UTF-8. */
const SPACE = /[\t-\r \xa0]/;
const LEADING_SPACES = /^[\t-\r \xa0]+/;

/** The kernel's parse_args(): the words of a module's argument string, up to a `--`. */
export function parseParameters(text: string): ParameterAssignment[] {
  const assignments: ParameterAssignment[] = [];
  let rest = toByteText(text).replace(LEADING_SPACES, '');
  while (rest !== '') {
    const argument = nextArgument(rest);
    if (argument.name === '--' && argument.value === undefined) {
      break;
    }
    assignments.push(
      argument.value === undefined
        ? { name: fromByteText(argument.name) }
        : { name: fromByteText(argument.name), value: fromByteText(argument.value) },
    );
    rest = argument.rest;
  }
  return assignments;
}

/**
 * The word that gives a parameter its value, for the argument list of insmod or modprobe. There is no escape in
 * the kernel's syntax: only double quotes around the value, so some texts can not be said.
 * @throws ParameterError
 */
export function formatParameter(name: string, value: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) {
    throw new ParameterError(name, 'not the name of a parameter');
  }
  if (value.includes('\0')) {
    throw new ParameterError(name, 'a value can not hold a NUL');
  }
  const bytes = toByteText(value);
  const candidates = SPACE.test(bytes) ? [`"${value}"`] : [value, `"${value}"`];
  const word = candidates.map((text) => `${name}=${text}`).find((text) => isReadAs(text, name, bytes));
  if (word === undefined) {
    throw new ParameterError(
      name,
      `the kernel can not be given ${JSON.stringify(value)}: a value with blanks stands in double quotes, and these can not be escaped`,
    );
  }
  return word;
}

/** Parameter names are equal to the kernel when they differ only in '-' and '_' (kernel/params.c, parameq()). */
export function sameParameterName(a: string, b: string): boolean {
  return a.replaceAll('-', '_') === b.replaceAll('-', '_');
}

/** True if a word is read as this name and value, and leaves the word behind it alone. */
function isReadAs(word: string, name: string, value: string): boolean {
  const argument = nextArgument(`${toByteText(word)} next`);
  return argument.name === name && argument.value === value && argument.rest === 'next';
}

interface Argument extends ParameterAssignment {
  readonly rest: string;
}

/** lib/cmdline.c, next_arg(), on text of one character a byte. A quote at the very start counts for the whole word. */
function nextArgument(text: string): Argument {
  const quoted = text.startsWith('"');
  const args = quoted ? text.slice(1) : text;
  let inQuote = quoted;
  let equals = 0;
  let end = 0;
  for (; end < args.length; end++) {
    const character = args.charAt(end);
    if (SPACE.test(character) && !inQuote) {
      break;
    }
    if (equals === 0 && character === '=') {
      equals = end;
    }
    if (character === '"') {
      inQuote = !inQuote;
    }
  }
  const rest = args.slice(end + 1).replace(LEADING_SPACES, '');
  const word = args.slice(0, end);
  if (equals === 0) {
    return { name: quoted ? withoutLastQuote(word) : word, rest };
  }
  const name = word.slice(0, equals);
  const value = word.slice(equals + 1);
  const valueQuoted = value.startsWith('"');
  const bare = valueQuoted ? value.slice(1) : value;
  return { name, value: quoted || valueQuoted ? withoutLastQuote(bare) : bare, rest };
}

function withoutLastQuote(text: string): string {
  return text.endsWith('"') ? text.slice(0, -1) : text;
}

function toByteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function fromByteText(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
