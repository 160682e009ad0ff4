import { setFlagsFromString } from 'node:v8';
import { encodeText } from '../kmod/text';
import { isUsageError, UsageError } from './commands/arguments';
import { tell, writeError, writeOutput } from './commands/output';
import { packageVersion } from './commands/packageVersion';
import { QUERIES } from './commands/queries';
import { help, USAGE } from './commands/usage';
import { nearest } from './language/analysis/nearest';

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
    case 'format': {
      // Required only here: queries need no language service.
      const { runCheck, runFormat } = await import('./commands/documentCommands');
      return command === 'check' ? runCheck(rest) : runFormat(rest);
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

async function runQuery(command: string, argv: readonly string[]): Promise<number> {
  const query = Object.hasOwn(QUERIES, command) ? QUERIES[command] : undefined;
  if (query === undefined) {
    const meant = nearest(command, COMMANDS);
    throw new UsageError(
      `no such command: ${command}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
    );
  }
  if (argv[0] === '--help') return help();
  // A query takes a fifth of a second: V8 is to compile what that is worth for, and not four times as much.
  setFlagsFromString('--interrupt-budget=500000');
  const { exitCode, stderr } = await query(argv, writeOutput, process.env);
  writeError(encodeText(stderr));
  return exitCode;
}

run(process.argv.slice(2)).then(
  (code) => {
    if (code !== undefined) process.exitCode = code;
  },
  (error: unknown) => {
    tell(error);
    if (isUsageError(error)) writeError(`\n${USAGE}`);
    process.exitCode = isUsageError(error) ? 2 : 1;
  },
);
