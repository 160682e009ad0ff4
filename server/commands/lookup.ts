import { ModuleLookup } from '../../kmod/config/lookup';
import { formatShowDepends, planProbe } from '../../kmod/config/probe';
import { readModuleTables } from '../catalog/moduleTables';
import { complaintText, readSystemConfiguration, type Answer, type System } from './system';

interface ShowDependsOptions {
  readonly useBlacklist: boolean;
  readonly ignoreInstall: boolean;
  readonly parameters: readonly string[];
}

/** What `modprobe --show-depends NAME PARAM…` prints. */
export async function showDepends(
  system: System,
  name: string,
  options: ShowDependsOptions,
): Promise<Answer> {
  const { lookup, stderr } = await lookupIn(system);
  const plan = await planProbe(lookup, name, {
    ...options,
    kernelDirectory: system.kernelDirectory,
    exists: async (path) => (await system.sysroot.stat(path)) !== undefined,
  });
  if (plan.probes.length === 0) return notFound(system, name, stderr);
  const errors = plan.complaints.map(({ text }) => `modprobe: ERROR: ${text}\n`).join('');
  return { exitCode: 0, stdout: formatShowDepends(plan), stderr: stderr + errors };
}

/** What `modprobe -R NAME` prints. */
export async function resolve(system: System, name: string): Promise<Answer> {
  const { lookup, stderr } = await lookupIn(system);
  const found = lookup.find(name) ?? [];
  if (found.length === 0) return notFound(system, name, stderr);
  return { exitCode: 0, stdout: found.map((module) => `${module.name}\n`).join(''), stderr };
}

async function lookupIn(system: System): Promise<{ lookup: ModuleLookup; stderr: string }> {
  const [configuration, tables] = await Promise.all([
    readSystemConfiguration(system),
    readModuleTables(system.sysroot, system.kernelDirectory),
  ]);
  return {
    lookup: new ModuleLookup(configuration, tables),
    stderr: complaintText(configuration.complaints),
  };
}

function notFound({ kernelDirectory }: System, name: string, stderr: string): Answer {
  const error = `modprobe: FATAL: Module ${name} not found in directory ${kernelDirectory}\n`;
  return { exitCode: 1, stdout: '', stderr: stderr + error };
}
