import { UsageError } from './arguments';
import { argumentsOf, failure, readLine, type Environment } from './commandLine';
import { config } from './config';
import type { CommandLineOption } from './getopt';
import { DEFAULT_LEVEL, resolve, showDepends } from './lookup';
import { MODPROBE_OPTIONS, wordsOfEnvironment } from './modprobeOptions';
import { kmodVersionOf, systemOf, type Answer } from './system';

/** What would change the system, or tells what we do not. */
const NO_QUERIES: Readonly<Record<string, string>> = {
  r: '--remove',
  'show-modversions': '--show-modversions',
  'show-exports': '--show-exports',
};

/** do_modprobe() in tools/modprobe.c, for a command line with one more letter in front. @throws UsageError */
export async function askModprobe(
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
  const names = { all: has('a'), level: levelOf(line.options) };
  if (has('R')) return resolve(system, operands, names);
  return showDepends(system, operands, { ...names, useBlacklist: has('b'), ignoreInstall: has('i') });
}

/** Each -v tells one priority more, and -q takes back what stands in front of it. */
function levelOf(options: readonly CommandLineOption[]): number {
  return options.reduce((level, { means }) => {
    if (means === 'q') return 0;
    return means === 'v' ? level + 1 : level;
  }, DEFAULT_LEVEL);
}
