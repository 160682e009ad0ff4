import type { Word } from '../../../kmod/config/syntax';
import { memoized } from './memo';

/** A call of modprobe in a shell command. Places are relative to the command. */
export interface ModprobeCall {
  /** The word `modprobe`, with its path. */
  readonly program: Word;
  readonly module: Word;
  /** All of the call, up to the next operator of the shell. */
  readonly text: Word;
  /** It inserts the module: it neither removes it nor only shows what would be done. */
  readonly loads: boolean;
  readonly removes: boolean;
  /** -i, --ignore-install, --ignore-remove: the configured command is not run. */
  readonly ignoresCommand: boolean;
  readonly usesBlacklist: boolean;
  /** Words behind the module: its parameters. */
  readonly parameters: readonly Word[];
}

/** modprobe(8): options that take the next word. */
const WITH_VALUE = /^(-[a-zA-Z]*[CdS]|--config|--dirname|--set-version)$/;

/** Options with which nothing is loaded, or more than one module is named. */
const DRY = new Set(['n', 'D', 'c', 'R', 'V', 'h', 'a']);
const DRY_LONG =
  /^--(dry-run|show|show-depends|showconfig|show-config|resolve-alias|show-modversions|dump-modversions|show-exports|version|help|all)$/;

/** The calls of modprobe in a shell command, as far as the text alone tells them. Quoted text is no call. */
export function modprobeCalls(command: string): ModprobeCall[] {
  if (!command.includes('modprobe')) return [];
  return splitAtOperators(command).flatMap((simple) => {
    const words = [...simple.text.matchAll(/\S+/g)].map(({ 0: text, index }): Word => ({
      text,
      index: simple.index + index,
    }));
    const start = words.findIndex(
      ({ text }) => !/^(\w+=\S*|exec|then|do|else|if|!|\{|time|sudo)$/.test(text),
    );
    const program = words[start];
    if (program === undefined || !/^(\/?(\w+\/)*)modprobe$/.test(program.text)) return [];
    const call = readCall(program, words.slice(start + 1), simple);
    return call === undefined ? [] : [call];
  });
}

/** The calls of modprobe in an argument. */
export const callsIn = memoized(({ text }: Word): readonly ModprobeCall[] => modprobeCalls(text));

function readCall(program: Word, words: readonly Word[], text: Word): ModprobeCall | undefined {
  const letters = new Set<string>();
  const longs: string[] = [];
  const names: Word[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    if (/^\d*[<>]/.test(word.text)) {
      // A redirection, its file with it or in the next word.
      if (/[<>]$/.test(word.text)) at++;
    } else if (names.length > 0 || !word.text.startsWith('-')) {
      names.push(word);
    } else {
      if (word.text.startsWith('--')) longs.push(word.text);
      else for (const letter of word.text.slice(1)) letters.add(letter);
      if (WITH_VALUE.test(word.text)) at++;
    }
  }
  const [module, ...parameters] = names;
  if (module === undefined) return undefined;
  const removes = letters.has('r') || longs.includes('--remove');
  const isDry = [...letters].some((letter) => DRY.has(letter)) || longs.some((long) => DRY_LONG.test(long));
  return {
    program,
    module,
    text,
    loads: !removes && !isDry,
    removes: removes && !isDry,
    ignoresCommand:
      letters.has('i') || longs.includes('--ignore-install') || longs.includes('--ignore-remove'),
    usesBlacklist: letters.has('b') || longs.includes('--use-blacklist'),
    parameters,
  };
}

/** Simple commands between ; & | ( ) and line ends, outside of quotes, up to a comment. */
function splitAtOperators(command: string): Word[] {
  const pieces: Word[] = [];
  let start = 0;
  const token = /'[^']*'|"(?:\\.|[^"\\])*"|\\.|[;&|()\n`]|(?<=^|\s)#.*/gs;
  for (const { 0: text, index } of command.matchAll(token)) {
    const isOperator = text.length === 1 && ';&|()\n`'.includes(text);
    if (!isOperator && !text.startsWith('#')) continue;
    pieces.push({ text: command.slice(start, index), index: start });
    start = index + text.length;
    if (text.startsWith('#')) start = command.length;
  }
  pieces.push({ text: command.slice(start), index: start });
  return pieces.filter(({ text }) => text.trim() !== '');
}
