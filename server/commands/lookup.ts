import { ModuleLookup, moduleName } from '../../kmod/config/lookup';
import { formatShowDepends, planProbe, type ProbePlan } from '../../kmod/config/probe';
import { takesPaths } from '../../kmod/config/versions';
import { readModuleTables } from '../catalog/moduleTables';
import { absolutePath } from './paths';
import { complaintText, readSystemConfiguration, type Answer, type System } from './system';

export interface NameOptions {
  /** `-a`: each word is a name, and one that is not found is only warned of. */
  readonly all?: boolean;
  /** `-q`: modprobe says nothing of what goes wrong; libkmod complains of files before it knows. */
  readonly quiet?: boolean;
}

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
    return plan.probes.length === 0 ? notFound(system, name) : printedPlan(plan);
  };
  return answerTo(words, options, complaints, ask);
}

/** What `modprobe -R NAME` prints. */
export async function resolve(
  system: System,
  words: readonly string[],
  options: NameOptions = {},
): Promise<Answer> {
  const { lookup, complaints } = await open(system);
  const ask = async (name: string): Promise<Printed> => {
    const file = fileOf(system, name);
    if (file !== undefined) {
      const isThere = (await system.sysroot.stat(file)) !== undefined;
      return isThere ? { text: `${moduleNameOfFile(file)}\n`, errors: [] } : noSuchFile(name);
    }
    const found = lookup.find(name) ?? [];
    if (found.length === 0) return notFound(system, name);
    return { text: found.map((module) => `${module.name}\n`).join(''), errors: [] };
  };
  return answerTo(words, options, complaints, ask);
}

/** What modprobe prints about one name. */
interface Printed {
  /** undefined: there is no such module. */
  readonly text: string | undefined;
  readonly errors: readonly string[];
}

async function answerTo(
  [name = '', ...others]: readonly string[],
  { all = false, quiet = false }: NameOptions,
  complaints: string,
  ask: (name: string, parameters: readonly string[]) => Promise<Printed>,
): Promise<Answer> {
  const printed = [await ask(name, all ? [] : others)];
  for (const other of all ? others : []) printed.push(await ask(other, []));
  const severity = all ? 'WARNING' : 'FATAL';
  const errors = printed.flatMap(({ text, errors: told }) =>
    told.map((error) => `modprobe: ${text === undefined ? severity : 'ERROR'}: ${error}\n`),
  );
  return {
    exitCode: printed.some(({ text }) => text === undefined) ? 1 : 0,
    stdout: printed.map(({ text = '' }) => text).join(''),
    stderr: complaints + (quiet ? '' : errors.join('')),
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
  return {
    text: undefined,
    errors: [`Failed to get module from path ${path}: No such file or directory`],
  };
}

function notFound({ kernelDirectory }: System, name: string): Printed {
  return { text: undefined, errors: [`Module ${name} not found in directory ${kernelDirectory}`] };
}
