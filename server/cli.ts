import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { encodeText } from '../kmod/text';
import { check } from './commands/check';
import { config } from './commands/config';
import { resolve, showDepends } from './commands/lookup';
import { modinfo } from './commands/modinfo';
import { SYSTEM_OPTIONS, systemOf, UsageError, type Answer } from './commands/system';

const USAGE = `Usage:
  kmod-language-server --stdio                            the language server, for an editor
  kmod-language-server check [--format text|json] PATH…   what kmod makes of configuration files
  kmod-language-server config [OPTIONS]                   what modprobe -c prints of configuration files
  kmod-language-server show-depends [OPTIONS] [-b] [-i] NAME [PARAMETER…]
                                                          what modprobe --show-depends prints; nothing is run
  kmod-language-server resolve [OPTIONS] NAME             what modprobe -R prints
  kmod-language-server modinfo FILE|NAME…                 what a module says of itself
  kmod-language-server --help | --version

Options of queries:
  --sysroot DIR       read everything below DIR, as in a chroot
  -S RELEASE          of this kernel; the running one's if left out
  -C PATH             read this file or directory of configuration, and not the usual ones; may be repeated
  --kmod-version V    as this kmod does; the installed one if left out
`;

/** @returns the exit code; undefined: the process ends by itself */
async function run(argv: readonly string[]): Promise<number | undefined> {
  const [command, ...rest] = argv;
  switch (command) {
    case '--stdio':
      // Required only here: the other commands need no protocol.
      await import('./main');
      return undefined;
    case 'check': {
      const { values, positionals } = parse(rest, { format: { type: 'string', default: 'text' } });
      const { format } = values;
      if (format !== 'text' && format !== 'json') throw new UsageError(`no such format: ${String(format)}`);
      return check(needPaths(positionals), format);
    }
    case 'config': {
      const { values, positionals } = parse(rest, SYSTEM_OPTIONS);
      if (positionals.length > 0) throw new UsageError(`config takes no ${positionals.join(' ')}`);
      return print(await config(systemOf(values)));
    }
    case 'show-depends': {
      const { values, positionals } = parse(rest, {
        ...SYSTEM_OPTIONS,
        'use-blacklist': { type: 'boolean', short: 'b', default: false },
        'ignore-install': { type: 'boolean', short: 'i', default: false },
      });
      const [name, ...parameters] = positionals;
      if (name === undefined) throw new UsageError('a name is missing');
      const { 'use-blacklist': useBlacklist, 'ignore-install': ignoreInstall } = values;
      return print(await showDepends(systemOf(values), name, { useBlacklist, ignoreInstall, parameters }));
    }
    case 'resolve': {
      const { values, positionals } = parse(rest, SYSTEM_OPTIONS);
      const [name] = positionals;
      if (name === undefined) throw new UsageError('a name is missing');
      return print(await resolve(systemOf(values), name));
    }
    case 'modinfo':
      return modinfo(needPaths(parse(rest, {}).positionals));
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return 0;
    case '--version':
      process.stdout.write(`${packageVersion()}\n`);
      return 0;
    default:
      throw new UsageError(command === undefined ? 'a command is missing' : `no such command: ${command}`);
  }
}

function print({ exitCode, stdout, stderr }: Answer): number {
  process.stderr.write(encodeText(stderr));
  process.stdout.write(encodeText(stdout));
  return exitCode;
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function needPaths(positionals: readonly string[]): readonly string[] {
  if (positionals.length === 0) throw new UsageError('a path is missing');
  return positionals;
}

function packageVersion(): string {
  const manifest = readFileSync(join(__dirname, '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

// Whoever reads our output may stop before its end: `check … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(1);
});

run(process.argv.slice(2)).then(
  (code) => {
    if (code !== undefined) process.exitCode = code;
  },
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`kmod-language-server: ${text}\n${error instanceof UsageError ? `\n${USAGE}` : ''}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
