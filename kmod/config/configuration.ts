import {
  orderFiles,
  type ChosenFile,
  type Complaint,
  type ConfigurationFiles,
  type IgnoredFile,
} from './configurationFiles';
import { parseKernelCommandLine } from './kernelCommandLine';
import { parseConfig } from './parse';
import type { ConfigSyntax, Statement } from './syntax';
import { configurationDirectories, type KmodVersion } from './versions';

export type EntryKind = 'alias' | 'blacklist' | 'install' | 'options' | 'remove' | 'softdep' | 'weakdep';

/** A line of a file that counts; the line's place is `statement.line`. */
interface FileOrigin {
  readonly kind: 'file';
  readonly path: string;
  readonly statement: Statement;
}

interface KernelCommandLineOrigin {
  readonly kind: 'kernel-command-line';
}

/** One thing that the configuration says, and where it says it. */
export interface ConfigurationEntry {
  readonly kind: EntryKind;
  /** The module, alias or pattern that it is about, with `_` for `-` outside of brackets. */
  readonly name: string;
  /** An alias's module, the options, the command or the list as they stand; '' for blacklist. */
  readonly value: string;
  readonly origin: FileOrigin | KernelCommandLineOrigin;
}

/** A file that kmod has its eye on. */
interface ConfigurationFile extends ChosenFile {
  /** undefined: it cannot be opened; it still keeps files of its name in other directories from being read. */
  readonly syntax: ConfigSyntax | undefined;
}

/** All that modprobe knows before it looks at modules. */
export interface Configuration {
  readonly kmod: KmodVersion;
  /** In kmod's order. */
  readonly files: readonly ConfigurationFile[];
  readonly ignored: readonly IgnoredFile[];
  /** In kmod's order: by file and line, the kernel command line last. */
  readonly entries: readonly ConfigurationEntry[];
  /** In the order in which kmod writes them. */
  readonly complaints: readonly Complaint[];
}

export interface ConfigurationOptions {
  readonly kmod: KmodVersion;
  /** /lib/modules/RELEASE, for its modules.softdep and modules.weakdep. */
  readonly kernelDirectory: string;
  /** `modprobe -C`: directories or files, best first, in the place of the usual directories. */
  readonly searchPaths?: readonly string[];
}

const KERNEL_COMMAND_LINE = '/proc/cmdline';

/** Reads the configuration as kmod_new() does. */
export async function readConfiguration(
  files: ConfigurationFiles,
  { kmod, kernelDirectory, searchPaths = configurationDirectories(kmod) }: ConfigurationOptions,
): Promise<Configuration> {
  const found = await Promise.all(
    searchPaths.map(async (path) => ({ path, listing: await files.list(path) })),
  );
  const { chosen, ignored, complaints } = orderFiles(found, kernelDirectory, kmod);
  const read = await Promise.all(
    chosen.map(async (file) => {
      const text = await files.read(file.path);
      return { ...file, syntax: text === undefined ? undefined : parseConfig('modprobe', text, kmod) };
    }),
  );
  const commandLine = parseKernelCommandLine((await files.read(KERNEL_COMMAND_LINE)) ?? '');
  return {
    kmod,
    files: read,
    ignored,
    entries: [
      ...read.flatMap(entriesOfFile),
      ...commandLine.arguments.map(({ kind, module, value }) => ({
        kind,
        name: module,
        value,
        origin: { kind: 'kernel-command-line' } as const,
      })),
    ],
    complaints: [...complaints, ...read.flatMap(complaintsOfFile), ...commandLine.complaints],
  };
}

/** The entries of one kind, in kmod's order. */
export function entriesOfKind(configuration: Configuration, kind: EntryKind): ConfigurationEntry[] {
  return configuration.entries.filter((entry) => entry.kind === kind);
}

function entriesOfFile({ path, syntax }: ConfigurationFile): ConfigurationEntry[] {
  return statementsOf(syntax).flatMap((statement) => {
    const [first, second] = statement.arguments;
    if (statement.problem !== undefined || first === undefined) return [];
    const kind = statement.command.text as EntryKind;
    return [
      { kind, name: first.value, value: second?.value ?? '', origin: { kind: 'file', path, statement } },
    ];
  });
}

/** kmod_config_parse() */
function complaintsOfFile({ path, syntax }: ConfigurationFile): Complaint[] {
  return statementsOf(syntax).flatMap(({ problem, command, line }) => {
    if (problem === undefined) return [];
    const text =
      problem.kind === 'deprecated-command'
        ? `${path}: command ${command.text} is deprecated and not parsed anymore`
        : `${path} line ${line.lastLine + 1}: ignoring bad line starting with '${command.text}'`;
    return [{ reporter: 'kmod_config_parse', text }];
  });
}

function statementsOf(syntax: ConfigSyntax | undefined): Statement[] {
  return (syntax?.nodes ?? []).filter((node) => node.kind === 'statement');
}
