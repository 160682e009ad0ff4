import { ModuleLookup } from '../../kmod/config/lookup';
import { formatShowDepends, planProbe } from '../../kmod/config/probe';
import { encodeText } from '../../kmod/text';
import { readModuleTables } from '../catalog/moduleTables';
import { complain, readSystemConfiguration, type System } from './system';

interface ShowDependsOptions {
  readonly useBlacklist: boolean;
  readonly ignoreInstall: boolean;
  readonly parameters: readonly string[];
}

/** Prints what `modprobe --show-depends NAME PARAM…` prints. @returns the exit code */
export async function showDepends(
  system: System,
  name: string,
  options: ShowDependsOptions,
): Promise<number> {
  const lookup = await lookupIn(system);
  const plan = await planProbe(lookup, name, {
    ...options,
    kernelDirectory: system.kernelDirectory,
    exists: async (path) => (await system.sysroot.stat(path)) !== undefined,
  });
  if (plan.probes.length === 0) return notFound(system, name);
  for (const { text } of plan.complaints) process.stderr.write(encodeText(`modprobe: ERROR: ${text}\n`));
  process.stdout.write(encodeText(formatShowDepends(plan)));
  return 0;
}

/** Prints what `modprobe -R NAME` prints. @returns the exit code */
export async function resolve(system: System, name: string): Promise<number> {
  const found = (await lookupIn(system)).find(name) ?? [];
  if (found.length === 0) return notFound(system, name);
  process.stdout.write(encodeText(found.map((module) => `${module.name}\n`).join('')));
  return 0;
}

async function lookupIn(system: System): Promise<ModuleLookup> {
  const [configuration, tables] = await Promise.all([
    readSystemConfiguration(system),
    readModuleTables(system.sysroot, system.kernelDirectory),
  ]);
  complain(configuration.complaints);
  return new ModuleLookup(configuration, tables);
}

function notFound(system: System, name: string): number {
  process.stderr.write(
    encodeText(`modprobe: FATAL: Module ${name} not found in directory ${system.kernelDirectory}\n`),
  );
  return 1;
}
