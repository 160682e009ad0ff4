import { decodeText, encodeText } from '../../kmod/text';

/** An option table of a program that reads its command line by getopt_long(3). */
export interface OptionTable {
  /** As in C: a letter that takes an argument has a colon behind it. */
  readonly letters: string;
  /** By their names; those with an equal meaning may share an abbreviation. */
  readonly long: Readonly<Record<string, LongOption>>;
  /** Options of our own: these have no abbreviations, and take an argument. */
  readonly own: readonly string[];
}

interface LongOption {
  /** The letter that means the same, or a name for the meaning. */
  readonly means: string;
  readonly takesArgument?: boolean;
}

/** One option of a command line. */
export interface CommandLineOption {
  readonly means: string;
  readonly argument: string;
}

/** The command line is wrong; in the words of the C library. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/**
 * Reads a command line as the C library's getopt_long() does: options may stand behind operands, letters may be
 * combined, names of options abbreviated, and `--` ends the options.
 * @param operandsFirst POSIXLY_CORRECT is set: the first operand ends the options
 * @returns options, and the words that are none
 * @throws OptionError when it comes to what it does not know
 */
export function* readOptions(
  argv: readonly string[],
  table: OptionTable,
  operandsFirst: boolean,
): Generator<CommandLineOption | string> {
  // An option takes its argument out of what the loop goes through.
  const words = argv.values();
  for (const word of words) {
    const isOperand = word === '-' || !word.startsWith('-');
    if (word === '--' || (isOperand && operandsFirst)) {
      if (isOperand) yield word;
      yield* words;
      return;
    }
    if (isOperand) yield word;
    else if (word.startsWith('--')) yield readLong(word.slice(2), words, table);
    else yield* readLetters(word.slice(1), words, table);
  }
}

type Words = Iterator<string, unknown>;

function nextOf(words: Words): string | undefined {
  const next = words.next();
  return next.done === true ? undefined : next.value;
}

function readLong(word: string, following: Words, table: OptionTable): CommandLineOption {
  const equals = word.indexOf('=');
  const [given, value] = equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
  const { name, means, takesArgument } = findLong(word, given, table);
  if (!takesArgument) {
    if (value !== undefined) throw new OptionError(`option '--${name}' doesn't allow an argument`);
    return { means, argument: '' };
  }
  const argument = value ?? nextOf(following);
  if (argument === undefined) throw new OptionError(`option '--${name}' requires an argument`);
  return { means, argument };
}

/** @param word with its value: so the C library names what it does not know */
function findLong(
  word: string,
  given: string,
  { long, own }: OptionTable,
): Required<LongOption> & { readonly name: string } {
  if (own.includes(given)) return { name: given, means: given, takesArgument: true };
  const named = (name: string, { means, takesArgument = false }: LongOption) => ({
    name,
    means,
    takesArgument,
  });
  const exact = Object.hasOwn(long, given) ? long[given] : undefined;
  if (exact !== undefined) return named(given, exact);
  const matching = Object.entries(long).filter(([name]) => name.startsWith(given));
  const [first] = matching;
  if (first === undefined) throw new OptionError(`unrecognized option '--${word}'`);
  if (matching.some(([, { means }]) => means !== first[1].means)) {
    const names = matching.map(([name]) => ` '--${name}'`).join('');
    throw new OptionError(`option '--${word}' is ambiguous; possibilities:${names}`);
  }
  return named(...first);
}

function* readLetters(
  word: string,
  following: Words,
  { letters }: OptionTable,
): Generator<CommandLineOption> {
  const all = [...word];
  for (const [index, letter] of all.entries()) {
    const at = letter === ':' ? -1 : letters.indexOf(letter);
    if (at < 0) throw new OptionError(`invalid option -- '${firstByte(letter)}'`);
    if (letters.charAt(at + 1) !== ':') {
      yield { means: letter, argument: '' };
      continue;
    }
    const rest = all.slice(index + 1).join('');
    const argument = rest === '' ? nextOf(following) : rest;
    if (argument === undefined) throw new OptionError(`option requires an argument -- '${letter}'`);
    yield { means: letter, argument };
    return;
  }
}

/** Letters are bytes to the C library, whatever character they are a part of. */
function firstByte(letter: string): string {
  return decodeText(encodeText(letter).subarray(0, 1));
}
