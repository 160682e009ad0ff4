import { printfWord } from './printfWord';
import { quoteAll } from './quote';

/** `sh -c` with its arguments as data: they are "$1", "$2", … and never a part of the text. */
export function script(text: string, args: readonly string[]): string[] {
  return ['sh', '-c', text, 'sh', ...args];
}

/** The beginning of a script that takes its stdin from the function `given`: another shell can then do without a pipe. */
export const GIVEN = 'given() { cat; }\n';

/**
 * The beginning of a script that prints nothing but by `answered TEXT`, once, and ends with `exit 0`: of a shell that
 * stays the text is told at once, and only the next command waits for what the script cleans up then.
 */
export const ANSWERED = `answered() { printf %s "$1"; }\n`;

/** A command of a shell that stays. */
export interface ShellLine {
  readonly text: string;
  /** It tells its end itself, by `answered`, unless its exit code is not 0. */
  readonly answers: boolean;
}

/**
 * What script() made, as text for a POSIX shell that runs it itself: starting another one costs a small target
 * more than most scripts do. Undefined for other programs.
 */
export function inThisShell(
  [program, option, text, name, ...args]: readonly string[],
  stdin: Uint8Array,
): ShellLine | undefined {
  if (program !== 'sh' || option !== '-c' || text === undefined || name !== 'sh') {
    return undefined;
  }
  const answers = text.startsWith(ANSWERED);
  const rest = answers ? text.slice(ANSWERED.length) : text;
  const given = rest.startsWith(GIVEN);
  const body = given ? `${spelt(stdin)}\n${rest.slice(GIVEN.length)}` : rest;
  const line = fed(`{ set -- ${quoteAll(args)}\n${body}\n}`, given ? new Uint8Array() : stdin);
  return { text: line, answers };
}

/** The function `given` of data that are known: what a shell itself can not write, cat says why. */
const spelt = (data: Uint8Array): string =>
  `spelt() { printf ${printfWord(data)}; }\ngiven() { spelt 2>/dev/null || spelt | cat; }`;

/** A command of a shell with its stdin. */
export function fed(command: string, stdin: Uint8Array): string {
  return stdin.length === 0 ? `${command} </dev/null` : `printf ${printfWord(stdin)} | ${command}`;
}
