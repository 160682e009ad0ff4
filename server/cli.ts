import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeText } from '../kmod/text';
import { need, parse, UsageError } from './commands/arguments';
import { check } from './commands/check';
import { format } from './commands/format';
import { QUERIES } from './commands/queries';
import type { Answer } from './commands/system';

const USAGE = `Usage:
  kmod-language-server --stdio                            the language server, for an editor
  kmod-language-server check [--format text|json] PATH…   what kmod makes of configuration files
  kmod-language-server format [--check] PATH…             blanks between words become one; kmod reads the same
  kmod-language-server config [OPTIONS]                   what modprobe -c prints of configuration files
  kmod-language-server show-depends [OPTIONS] [-b] [-i] NAME [PARAMETER…]
                                                          what modprobe --show-depends prints; nothing is run
  kmod-language-server resolve [OPTIONS] NAME             what modprobe -R prints
  kmod-language-server modinfo [OPTIONS] [-F FIELD] [-0] [-p] [-n] FILE|NAME…
                                                          what modinfo prints
  kmod-language-server --help | --version

Options of queries:
  --sysroot DIR       read everything below DIR, as in a chroot
  -S RELEASE          of this kernel, the running one if left out; modinfo: -k RELEASE
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
      const style = values.format;
      if (style !== 'text' && style !== 'json') throw new UsageError(`no such format: ${String(style)}`);
      return check(need(positionals, 'a path'), style);
    }
    case 'format': {
      const { values, positionals } = parse(rest, { check: { type: 'boolean', default: false } });
      return format(need(positionals, 'a path'), values.check);
    }
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return 0;
    case '--version':
      process.stdout.write(`${packageVersion()}\n`);
      return 0;
    case undefined:
      throw new UsageError('a command is missing');
    default: {
      const query = QUERIES[command];
      if (query === undefined) throw new UsageError(`no such command: ${command}`);
      return print(await query(rest));
    }
  }
}

function print({ exitCode, stdout, stderr }: Answer): number {
  process.stderr.write(encodeText(stderr));
  process.stdout.write(encodeText(stdout));
  return exitCode;
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
