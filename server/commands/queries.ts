import { NEWEST_KMOD } from '../../kmod/config/versions';
import { encodeText } from '../../kmod/text';
import { failure, readLine, type Environment } from './commandLine';
import type { CommandLineOption } from './getopt';
import { modinfo } from './modinfo';
import { MODINFO_OPTIONS } from './modprobeOptions';
import type { Outcome, Print } from './system';

type Query = (argv: readonly string[], print: Print, environment?: Environment) => Promise<Outcome>;

/** What is asked of a system, as modprobe and modinfo are asked. Nothing is run or loaded. @throws UsageError */
export const QUERIES: Readonly<Record<string, Query>> = {
  config: modprobeQuery('c'),
  'show-depends': modprobeQuery('D'),
  resolve: modprobeQuery('R'),
  modinfo: askModinfo,
};

function modprobeQuery(letter: string): Query {
  return async (argv, print, environment) => {
    // What answers these is not made ready for modinfo, which reads a kernel's files in little more time than that.
    const { askModprobe } = await import('./modprobeQueries');
    const answer = await askModprobe(letter, argv, environment);
    await print(encodeText(answer.stdout));
    return answer;
  };
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
  const openSystem = async () => {
    const { kmodVersionOf, systemOf } = await import('./system');
    return systemOf({
      sysroot: argumentOf('sysroot'),
      release: argumentOf('k'),
      moduleRoot: argumentOf('b'),
      // No configuration is read, so the installed kmod is not asked.
      kmod: await kmodVersionOf(argumentOf('kmod-version') ?? String(NEWEST_KMOD)),
    });
  };
  const isOwn = argumentOf('sysroot') === undefined && argumentOf('kmod-version') === undefined;
  const options = { field: fieldOf(line.options), nul: has('0'), onlyNames: has('m'), isOwn };
  return modinfo(openSystem, operands, options, print);
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
