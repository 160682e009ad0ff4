import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpSoftDependencies } from '../../../kmod/config/dump';
import { parseConfig } from '../../../kmod/config/parse';
import type { ConfigSyntax, Statement } from '../../../kmod/config/syntax';
import { decodeText } from '../../../kmod/text';

/** What a reader of modprobe.d says of a file: the entries that stand, and the complaints. */
interface Verdict {
  readonly entries: readonly string[];
  readonly complaints: readonly string[];
}

/** The kmod on this machine, for example 30. */
export const installedKmod = Number(/version (\d+)/.exec(modprobe('--version').stdout)?.[1]);

/** In the order of `modprobe -c`. */
const DUMP_ORDER = ['blacklist', 'install', 'remove', 'alias', 'options', 'softdep', 'weakdep'];

/** What the kernel command line of this machine adds to every dump. */
const fromKernelCommandLine = askModprobe('').entries;

/** What the installed modprobe says of a file; without what comes from the kernel command line. */
export function kmodVerdict(source: string | Uint8Array): Verdict {
  const { entries, complaints } = askModprobe(source);
  return { entries: withoutLast(entries, fromKernelCommandLine), complaints };
}

/** What our parser says of a file, in kmod's words. */
export function parserVerdict(source: string, kmod = installedKmod): Verdict {
  const statements = statementsOf(parseConfig('modprobe', source, kmod));
  const stored = statements
    .filter((statement) => statement.problem === undefined)
    .sort((a, b) => DUMP_ORDER.indexOf(a.command.text) - DUMP_ORDER.indexOf(b.command.text));
  return {
    entries: stored.flatMap((statement) => dumpEntry(statement).split('\n')),
    complaints: statements.flatMap((statement) => complaint(statement)),
  };
}

export function statementsOf(syntax: ConfigSyntax): Statement[] {
  return syntax.nodes.filter((node) => node.kind === 'statement');
}

function complaint({ problem, command, line }: Statement): string[] {
  if (problem === undefined) return [];
  return problem.kind === 'deprecated-command'
    ? [`command ${command.text} is deprecated and not parsed anymore`]
    : [`line ${line.lastLine + 1}: ignoring bad line starting with '${command.text}'`];
}

function dumpEntry({ command, arguments: [first, second] }: Statement): string {
  if (command.text === 'softdep')
    return `softdep ${first?.value} ${second === undefined ? '' : dumpSoftDependencies(second.text)}`;
  return [command.text, first?.value, second?.value].filter((part) => part !== undefined).join(' ');
}

function askModprobe(source: string | Uint8Array): Verdict {
  const directory = mkdtempSync(join(tmpdir(), 'kmod-oracle-'));
  try {
    const file = join(directory, 't.conf');
    writeFileSync(file, source);
    const { stdout, stderr } = modprobe('-d', directory, '-C', file, '-c');
    const dump = stdout.slice(0, stdout.indexOf('\n# End of configuration files.'));
    return {
      entries: dump.split('\n').filter((line) => line !== ''),
      complaints: [...stderr.matchAll(/t\.conf:? ((?:line \d+: ignoring|command)[^\n]*)/g)].map(
        ([, text]) => text ?? '',
      ),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function modprobe(...argv: string[]): { stdout: string; stderr: string } {
  const { stdout, stderr, error } = spawnSync('/sbin/modprobe', argv, { env: { LC_ALL: 'C' } });
  if (error !== undefined) throw error;
  return { stdout: decodeText(stdout), stderr: decodeText(stderr) };
}

/** Takes each of some entries away once, from the end: kmod appends the kernel command line to each section. */
function withoutLast(entries: readonly string[], taken: readonly string[]): string[] {
  const left = [...entries];
  for (const entry of taken.toReversed()) {
    const index = left.lastIndexOf(entry);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}
