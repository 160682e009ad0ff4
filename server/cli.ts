import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check } from './commands/check';
import { modinfo } from './commands/modinfo';

const USAGE = `Usage:
  kmod-language-server --stdio                            the language server, for an editor
  kmod-language-server check [--format text|json] PATH…   what kmod makes of configuration files
  kmod-language-server modinfo FILE|NAME…                 what a module says of itself
  kmod-language-server --help | --version
`;

/** The command line was not understood. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

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

function parse(args: string[], options: NonNullable<Parameters<typeof parseArgs>[0]>['options']) {
  try {
    return parseArgs({ args, options: options ?? {}, allowPositionals: true });
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
