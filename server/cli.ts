import { encodeText } from '../kmod/text';
import { need, parse, UsageError } from './commands/arguments';
import { check } from './commands/check';
import { format } from './commands/format';
import { tell, writeOutput } from './commands/output';
import { packageVersion } from './commands/packageVersion';
import { QUERIES } from './commands/queries';
import { FORMATS } from './commands/reportFormats';
import { kmodVersionOf } from './commands/system';
import { nearest } from './language/analysis/nearest';
import { readDiagnosticSettings } from './settings';

const USAGE = `Usage:
  kmod-language-server --stdio                 the language server, for an editor
  kmod-language-server check [OPTIONS] PATH…   what kmod makes of configuration files, and of the module macros in C
  kmod-language-server format [--check] PATH…  blanks between words become one; kmod reads the same
  kmod-language-server config [QUERY OPTIONS]  what modprobe -c prints of configuration files
  kmod-language-server show-depends [QUERY OPTIONS] NAME [PARAMETER…]
                                               what modprobe --show-depends prints; nothing is run
  kmod-language-server resolve [QUERY OPTIONS] NAME
                                               what modprobe -R prints
  kmod-language-server modinfo [QUERY OPTIONS] FILE|NAME…
                                               what modinfo prints
  kmod-language-server --help | --version

A PATH is a file, or a directory: of what is below it, files of modprobe.d, depmod.d and modules-load.d count.

Options of check:
  --format text|json|sarif|github              how diagnostics are printed: text if left out
  --severity CODE=LEVEL                        error, warning, information, hint or off; may be repeated
  --sysroot DIR                                these modules and neighbouring files; a PATH from / is inside of DIR
  -S, --set-version RELEASE                    the modules of this kernel
  --kmod-version V                             as this kmod reads; the installed one if left out

Options of queries are those of modprobe (modinfo), and MODPROBE_OPTIONS counts:
  --sysroot DIR                                read everything below DIR, as in a chroot
  -S, --set-version RELEASE                    of this kernel, the running one if left out; modinfo: -k RELEASE
  -C, --config PATH                            read this file or directory, and not the usual ones; may be repeated
  -b, -i, -a, -q, -d DIR                       as modprobe has them
  -F FIELD, -0, -p, -n, -a, -d, -l, -m, -b DIR as modinfo has them
  --kmod-version V                             as this kmod does; the installed one if left out

Exit codes: 0; 1 when check finds an error, format --check a file to format, a query no module, or when a file
cannot be read; 2 when the command line is wrong.
`;

const COMMANDS = ['check', 'format', '--stdio', '--help', '--version', ...Object.keys(QUERIES)];

/** @returns the exit code; undefined: the process ends by itself */
async function run(argv: readonly string[]): Promise<number | undefined> {
  const [command, ...rest] = argv;
  switch (command) {
    case '--stdio':
      // Required only here: the other commands need no protocol.
      await import('./main');
      return undefined;
    case 'check':
      return runCheck(rest);
    case 'format': {
      const { values, positionals } = parse(rest, {
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      });
      return values.help ? help() : format(need(positionals, 'a path'), values.check);
    }
    case '--help':
    case '-h':
      return help();
    case '--version':
      await writeOutput(`${packageVersion()}\n`);
      return 0;
    case undefined:
      throw new UsageError('a command is missing');
    default:
      return runQuery(command, rest);
  }
}

async function runCheck(argv: string[]): Promise<number> {
  const { values, positionals } = parse(argv, {
    format: { type: 'string', default: 'text' },
    severity: { type: 'string', multiple: true, default: [] },
    sysroot: { type: 'string', default: '' },
    'set-version': { type: 'string', short: 'S', default: '' },
    'kmod-version': { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) return help();
  const style = FORMATS.get(values.format);
  if (style === undefined) {
    throw new UsageError(`no such format: ${values.format} (${[...FORMATS.keys()].join(', ')})`);
  }
  const chosen = Object.fromEntries(values.severity.map(readSeverity));
  const settings = readDiagnosticSettings(
    { diagnostics: { severity: chosen } },
    await kmodVersionOf(values['kmod-version']),
  );
  return check(need(positionals, 'a path'), {
    directory: { sysroot: values.sysroot, release: values['set-version'] },
    settings,
    format: style,
  });
}

/** `CODE=LEVEL`. @throws UsageError */
function readSeverity(text: string): [code: string, level: string] {
  const [code = '', level = '', ...more] = text.split('=');
  const { severity } = readDiagnosticSettings({ diagnostics: { severity: { [code]: level } } });
  if (more.length > 0 || Object.keys(severity).length === 0) {
    throw new UsageError(
      `no such severity: ${text} (a diagnostic's code, =, and error, warning, information, hint or off)`,
    );
  }
  return [code, level];
}

async function runQuery(command: string, argv: readonly string[]): Promise<number> {
  const query = Object.hasOwn(QUERIES, command) ? QUERIES[command] : undefined;
  if (query === undefined) {
    const meant = nearest(command, COMMANDS);
    throw new UsageError(
      `no such command: ${command}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
    );
  }
  if (argv[0] === '--help') return help();
  const { exitCode, stdout, stderr } = await query(argv, process.env);
  process.stderr.write(encodeText(stderr));
  await writeOutput(encodeText(stdout));
  return exitCode;
}

async function help(): Promise<number> {
  await writeOutput(USAGE);
  return 0;
}

// Nobody is there to read what went wrong.
process.stderr.on('error', () => undefined);

run(process.argv.slice(2)).then(
  (code) => {
    if (code !== undefined) process.exitCode = code;
  },
  (error: unknown) => {
    tell(error);
    if (error instanceof UsageError) process.stderr.write(`\n${USAGE}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
