import { ModuleLookup, moduleName } from '../../kmod/config/lookup';
import { formatShowDepends, planProbe, type ProbePlan } from '../../kmod/config/probe';
import { takesPaths } from '../../kmod/config/versions';
import { readModuleTables } from '../catalog/moduleTables';
import { absolutePath } from './paths';
import { complaintText, readSystemConfiguration, type Answer, type System } from './system';

export interface NameOptions {
  /** `-a`: each word is a name, and one that is not found is only warned of. */
  readonly all?: boolean;
  /** The least of syslog(3)'s priorities that modprobe tells; libkmod complains of files before it knows. */
  readonly level: number;
}

/** What modprobe tells unless it is asked for more or less. */
export const DEFAULT_LEVEL = 4;

/** syslog(3)'s priorities, as modprobe names them. */
const PRIORITIES = { FATAL: 2, ERROR: 3, WARNING: 4 } as const;

interface ShowDependsOptions extends NameOptions {
  readonly useBlacklist: boolean;
  readonly ignoreInstall: boolean;
}

/** What `modprobe --show-depends NAME PARAM…` prints. */
export async function showDepends(
  system: System,
  words: readonly string[],
  options: ShowDependsOptions,
): Promise<Answer> {
  const { lookup, complaints } = await open(system);
  const exists = async (path: string) => (await system.sysroot.stat(path)) !== undefined;
  const ask = async (name: string, parameters: readonly string[]): Promise<Printed> => {
    const file = fileOf(system, name);
    if (file !== undefined && !(await exists(file))) return noSuchFile(name);
    const { kernelDirectory } = system;
    const common = { ...options, parameters, kernelDirectory, exists };
    const plan =
      file === undefined
        ? await planProbe(lookup, name, common)
        : await planProbe(lookup, moduleNameOfFile(file), { ...common, file });
    return plan.probes.length === 0 ? notFound(system, lookup, name) : printedPlan(plan);
  };
  return answerTo(words, options, complaints, ask);
}

/** What `modprobe -R NAME` prints. */
export async function resolve(
  system: System,
  words: readonly string[],
  options: NameOptions = { level: DEFAULT_LEVEL },
): Promise<Answer> {
  const { lookup, complaints } = await open(system);
  const ask = async (name: string): Promise<Printed> => {
    const file = fileOf(system, name);
    if (file !== undefined) {
      const isThere = (await system.sysroot.stat(file)) !== undefined;
      return isThere ? { text: `${moduleNameOfFile(file)}\n`, errors: [] } : noSuchFile(name);
    }
    const found = lookup.find(name) ?? [];
    if (found.length === 0) return notFound(system, lookup, name);
    return { text: found.map((module) => `${module.name}\n`).join(''), errors: [] };
  };
  return answerTo(words, options, complaints, ask);
}

/** What modprobe prints about one name. */
interface Printed {
  readonly text?: string;
  /** What goes wrong on the way. */
  readonly errors: readonly string[];
  /** Why there is none. */
  readonly failure?: string;
}

async function answerTo(
  [name = '', ...others]: readonly string[],
  { all = false, level }: NameOptions,
  complaints: string,
  ask: (name: string, parameters: readonly string[]) => Promise<Printed>,
): Promise<Answer> {
  const printed = [await ask(name, all ? [] : others)];
  for (const other of all ? others : []) printed.push(await ask(other, []));
  const tell = (severity: keyof typeof PRIORITIES, text: string) =>
    PRIORITIES[severity] <= level ? [`modprobe: ${severity}: ${text}\n`] : [];
  const told = printed.flatMap(({ errors, failure }) => [
    ...errors.flatMap((error) => tell('ERROR', error)),
    ...(failure === undefined ? [] : tell(all ? 'WARNING' : 'FATAL', failure)),
  ]);
  return {
    exitCode: printed.some(({ failure }) => failure !== undefined) ? 1 : 0,
    stdout: printed.map(({ text = '' }) => text).join(''),
    stderr: complaints + told.join(''),
  };
}

async function open(system: System): Promise<{ lookup: ModuleLookup; complaints: string }> {
  const [configuration, tables] = await Promise.all([
    readSystemConfiguration(system),
    readModuleTables(system.sysroot, system.kernelDirectory),
  ]);
  return {
    lookup: new ModuleLookup(configuration, tables),
    complaints: complaintText(configuration.complaints),
  };
}

/** The file that a name means: an absolute path; undefined: it is no path. */
function fileOf({ kmod, sysroot }: System, name: string): string | undefined {
  const isPath = takesPaths(kmod) && (name.startsWith('/') || name.startsWith('./'));
  return isPath ? absolutePath(sysroot.directory, name) : undefined;
}

/** path_to_modname() in shared/util.c */
function moduleNameOfFile(path: string): string {
  return moduleName(path.slice(path.lastIndexOf('/') + 1));
}

function printedPlan(plan: ProbePlan): Printed {
  return { text: formatShowDepends(plan), errors: plan.complaints.map(({ text }) => text) };
}

function noSuchFile(path: string): Printed {
  return { errors: [], failure: `Failed to get module from path ${path}: No such file or directory` };
}

function notFound({ kernelDirectory }: System, lookup: ModuleLookup, name: string): Printed {
  const why = lookup.tooLong(name);
  return {
    errors: why === undefined ? [] : [why],
    failure: `Module ${name} not found in directory ${kernelDirectory}`,
  };
}
