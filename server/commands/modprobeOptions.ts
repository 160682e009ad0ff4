import type { OptionTable } from './getopt';

const takesNothing = (means: string) => ({ means });
const takesArgument = (means: string) => ({ means, takesArgument: true });

/** cmdopts in tools/modprobe.c. */
export const MODPROBE_OPTIONS: OptionTable = {
  letters: 'arw:RibfDcnC:d:S:sqvVh',
  long: {
    all: takesNothing('a'),
    remove: takesNothing('r'),
    'remove-dependencies': takesNothing('remove-holders'),
    'remove-holders': takesNothing('remove-holders'),
    wait: takesArgument('w'),
    'resolve-alias': takesNothing('R'),
    'first-time': takesNothing('first-time'),
    'ignore-install': takesNothing('i'),
    'ignore-remove': takesNothing('i'),
    'use-blacklist': takesNothing('b'),
    force: takesNothing('f'),
    'force-modversion': takesNothing('force-modversion'),
    'force-vermagic': takesNothing('force-vermagic'),
    'show-depends': takesNothing('D'),
    showconfig: takesNothing('c'),
    'show-config': takesNothing('c'),
    'show-modversions': takesNothing('show-modversions'),
    'dump-modversions': takesNothing('show-modversions'),
    'show-exports': takesNothing('show-exports'),
    'dry-run': takesNothing('n'),
    show: takesNothing('n'),
    config: takesArgument('C'),
    dirname: takesArgument('d'),
    'set-version': takesArgument('S'),
    syslog: takesNothing('s'),
    quiet: takesNothing('q'),
    verbose: takesNothing('v'),
    version: takesNothing('V'),
    help: takesNothing('h'),
  },
  own: ['sysroot', 'kmod-version'],
};

/** cmdopts in tools/modinfo.c. */
export const MODINFO_OPTIONS: OptionTable = {
  letters: 'adlpn0mF:k:b:Vh',
  long: {
    author: takesNothing('a'),
    description: takesNothing('d'),
    license: takesNothing('l'),
    parameters: takesNothing('p'),
    filename: takesNothing('n'),
    null: takesNothing('0'),
    modname: takesNothing('m'),
    field: takesArgument('F'),
    'set-version': takesArgument('k'),
    basedir: takesArgument('b'),
    version: takesNothing('V'),
    help: takesNothing('h'),
  },
  own: ['sysroot', 'kmod-version'],
};

/**
 * The words of the variable MODPROBE_OPTIONS, which modprobe reads in front of its own: prepend_options_from_env()
 * in tools/modprobe.c. Only blanks separate, each of them; quotes hold blanks together and are taken away.
 */
export function wordsOfEnvironment(text: string): string[] {
  const words: string[] = [];
  let word = '';
  /** Where in the word a quote was opened. */
  let opened: { readonly quote: string; readonly at: number } | undefined;
  for (const character of text) {
    if (opened !== undefined) {
      if (character !== opened.quote) {
        word += character;
      } else if (opened.at === 0) {
        // A word that begins with a quote ends with it.
        words.push(word);
        [word, opened] = ['', undefined];
      } else {
        opened = undefined;
      }
    } else if (character === ' ') {
      words.push(word);
      word = '';
    } else if (character === '"' || character === "'") {
      opened = { quote: character, at: word.length };
    } else {
      word += character;
    }
  }
  // A quote that nothing closes stays.
  if (opened !== undefined) word = `${word.slice(0, opened.at)}${opened.quote}${word.slice(opened.at)}`;
  return word === '' ? words : [...words, word];
}
