import { NEWEST_KMOD } from '../../kmod/config/versions';
import { UsageError } from './arguments';
import { config } from './config';
import { OptionError, readOptions, type CommandLineWord, type OptionTable } from './getopt';
import { resolve, showDepends } from './lookup';
import { modinfo } from './modinfo';
import { MODINFO_OPTIONS, MODPROBE_OPTIONS, wordsOfEnvironment } from './modprobeOptions';
import { kmodVersionOf, systemOf, type Answer } from './system';

type Environment = Readonly<Record<string, string | undefined>>;
type Query = (argv: readonly string[], environment?: Environment) => Promise<Answer>;

/** What is asked of a system, as modprobe and modinfo are asked. Nothing is run or loaded. @throws UsageError */
export const QUERIES: Readonly<Record<string, Query>> = {
  config: (argv, environment) => askModprobe('c', argv, environment),
  'show-depends': (argv, environment) => askModprobe('D', argv, environment),
  resolve: (argv, environment) => askModprobe('R', argv, environment),
  modinfo: (argv, environment) => askModinfo(argv, environment),
};

/** What would change the system, or tells what we do not. */
const NO_QUERIES: Readonly<Record<string, string>> = {
  r: '--remove',
  'show-modversions': '--show-modversions',
  'show-exports': '--show-exports',
};

/** do_modprobe() in tools/modprobe.c, for a command line with one more letter in front. */
async function askModprobe(
  letter: string,
  argv: readonly string[],
  environment: Environment = {},
): Promise<Answer> {
  const prepended = wordsOfEnvironment(environment['MODPROBE_OPTIONS'] ?? '');
  const line = readLine([...prepended, `-${letter}`, ...argv], MODPROBE_OPTIONS, environment);
  if (line.error !== undefined) return failure('modprobe', line.error);
  const { has, argumentOf, operands } = line;
  const refused = Object.entries(NO_QUERIES).find(([means]) => has(means));
  if (refused !== undefined) throw new UsageError(`${refused[1]} is no query: ask modprobe`);
  const wait = argumentsOf(line.words, 'w').find((text) => !/^[ \t]*[+-]?(0[xX][\da-fA-F]+|\d+)$/.test(text));
  if (wait !== undefined) return failure('modprobe', `ERROR: unexpected wait value '${wait}'.`);
  const system = systemOf({
    sysroot: argumentOf('sysroot'),
    release: argumentOf('S'),
    moduleRoot: argumentOf('d'),
    searchPaths: has('C') ? argumentsOf(line.words, 'C') : undefined,
    kmod: await kmodVersionOf(argumentOf('kmod-version')),
  });
  if (has('c')) return config(system);
  if (operands.length === 0) return failure('modprobe', 'ERROR: missing parameters. See -h.');
  const names = { all: has('a'), quiet: has('q') };
  if (has('R')) return resolve(system, operands, names);
  return showDepends(system, operands, { ...names, useBlacklist: has('b'), ignoreInstall: has('i') });
}

/** do_modinfo() in tools/modinfo.c. */
async function askModinfo(argv: readonly string[], environment: Environment = {}): Promise<Answer> {
  const line = readLine(argv, MODINFO_OPTIONS, environment);
  if (line.error !== undefined) return failure('modinfo', line.error);
  const { has, argumentOf, operands } = line;
  if (operands.length === 0) return failure('modinfo', 'ERROR: missing module or filename.');
  const system = systemOf({
    sysroot: argumentOf('sysroot'),
    release: argumentOf('k'),
    moduleRoot: argumentOf('b'),
    // No configuration is read, so the installed kmod is not asked.
    kmod: await kmodVersionOf(argumentOf('kmod-version') ?? String(NEWEST_KMOD)),
  });
  return modinfo(system, operands, { field: fieldOf(line.words), nul: has('0'), onlyNames: has('m') });
}

/** modinfo's options that name a field. */
const FIELDS: Readonly<Record<string, string>> = {
  a: 'author',
  d: 'description',
  l: 'license',
  p: 'parm',
  n: 'filename',
};

/** The last one counts. */
function fieldOf(words: readonly CommandLineWord[]): string | undefined {
  return words
    .map((word) =>
      word.kind === 'option'
        ? (FIELDS[word.means] ?? (word.means === 'F' ? word.argument : undefined))
        : undefined,
    )
    .findLast((field) => field !== undefined);
}

interface CommandLine {
  readonly words: readonly CommandLineWord[];
  readonly operands: readonly string[];
  readonly has: (means: string) => boolean;
  /** Of the last option with this meaning. */
  readonly argumentOf: (means: string) => string | undefined;
  /** What the C library says. */
  readonly error?: string;
}

function readLine(argv: readonly string[], table: OptionTable, environment: Environment): CommandLine {
  const words: CommandLineWord[] = [];
  let error: string | undefined;
  try {
    const operandsFirst = environment['POSIXLY_CORRECT'] !== undefined;
    for (const word of readOptions(argv, table, operandsFirst)) words.push(word);
  } catch (problem) {
    if (!(problem instanceof OptionError)) throw problem;
    error = problem.message;
  }
  return {
    words,
    operands: words.flatMap((word) => (word.kind === 'operand' ? [word.text] : [])),
    has: (means) => argumentsOf(words, means).length > 0,
    argumentOf: (means) => argumentsOf(words, means).at(-1),
    ...(error === undefined ? {} : { error }),
  };
}

function argumentsOf(words: readonly CommandLineWord[], means: string): string[] {
  return words.flatMap((word) => (word.kind === 'option' && word.means === means ? [word.argument] : []));
}

function failure(program: string, text: string): Answer {
  return { exitCode: 1, stdout: '', stderr: `${program}: ${text}\n` };
}
