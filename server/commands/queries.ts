import { NEWEST_KMOD } from '../../kmod/config/versions';
import { encodeText } from '../../kmod/text';
import { UsageError } from './arguments';
import { config } from './config';
import { OptionError, readOptions, type CommandLineOption, type OptionTable } from './getopt';
import { resolve, showDepends } from './lookup';
import { modinfo } from './modinfo';
import { MODINFO_OPTIONS, MODPROBE_OPTIONS, wordsOfEnvironment } from './modprobeOptions';
import { kmodVersionOf, systemOf, type Answer, type Outcome, type Print } from './system';

type Environment = Readonly<Record<string, string | undefined>>;
type Query = (argv: readonly string[], print: Print, environment?: Environment) => Promise<Outcome>;

/** What is asked of a system, as modprobe and modinfo are asked. Nothing is run or loaded. @throws UsageError */
export const QUERIES: Readonly<Record<string, Query>> = {
  config: (argv, print, environment) => printAnswer(askModprobe('c', argv, environment), print),
  'show-depends': (argv, print, environment) => printAnswer(askModprobe('D', argv, environment), print),
  resolve: (argv, print, environment) => printAnswer(askModprobe('R', argv, environment), print),
  modinfo: askModinfo,
};

async function printAnswer(asked: Promise<Answer>, print: Print): Promise<Outcome> {
  const answer = await asked;
  await print(encodeText(answer.stdout));
  return answer;
}

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
  const wait = argumentsOf(line.options, 'w').find(
    (text) => !/^[ \t]*[+-]?(0[xX][\da-fA-F]+|\d+)$/.test(text),
  );
  if (wait !== undefined) return failure('modprobe', `ERROR: unexpected wait value '${wait}'.`);
  const system = systemOf({
    sysroot: argumentOf('sysroot'),
    release: argumentOf('S'),
    moduleRoot: argumentOf('d'),
    searchPaths: has('C') ? argumentsOf(line.options, 'C') : undefined,
    kmod: await kmodVersionOf(argumentOf('kmod-version')),
  });
  if (has('c')) return config(system);
  if (operands.length === 0) return failure('modprobe', 'ERROR: missing parameters. See -h.');
  const names = { all: has('a'), quiet: has('q') };
  if (has('R')) return resolve(system, operands, names);
  return showDepends(system, operands, { ...names, useBlacklist: has('b'), ignoreInstall: has('i') });
}

/** do_modinfo() in tools/modinfo.c. */
async function askModinfo(
  argv: readonly string[],
  print: Print,
  environment: Environment = {},
): Promise<Outcome> {
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
  const options = { field: fieldOf(line.options), nul: has('0'), onlyNames: has('m') };
  return modinfo(system, operands, options, print);
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
function fieldOf(options: readonly CommandLineOption[]): string | undefined {
  return options
    .map(({ means, argument }) => FIELDS[means] ?? (means === 'F' ? argument : undefined))
    .findLast((field) => field !== undefined);
}

interface CommandLine {
  readonly options: readonly CommandLineOption[];
  readonly operands: readonly string[];
  readonly has: (means: string) => boolean;
  /** Of the last option with this meaning. */
  readonly argumentOf: (means: string) => string | undefined;
  /** What the C library says. */
  readonly error?: string;
}

function readLine(argv: readonly string[], table: OptionTable, environment: Environment): CommandLine {
  const options: CommandLineOption[] = [];
  const operands: string[] = [];
  let error: string | undefined;
  try {
    const operandsFirst = environment['POSIXLY_CORRECT'] !== undefined;
    for (const word of readOptions(argv, table, operandsFirst)) {
      if (typeof word === 'string') operands.push(word);
      else options.push(word);
    }
  } catch (problem) {
    if (!(problem instanceof OptionError)) throw problem;
    error = problem.message;
  }
  return {
    options,
    operands,
    has: (means) => argumentsOf(options, means).length > 0,
    argumentOf: (means) => argumentsOf(options, means).at(-1),
    ...(error === undefined ? {} : { error }),
  };
}

function argumentsOf(options: readonly CommandLineOption[], means: string): string[] {
  return options.filter((option) => option.means === means).map(({ argument }) => argument);
}

function failure(program: string, text: string): Answer {
  return { exitCode: 1, stdout: '', stderr: `${program}: ${text}\n` };
}
