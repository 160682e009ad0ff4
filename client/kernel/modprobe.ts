import { checkedModuleName, listModules, modprobe, modprobeRemove, type ToolResult } from './commands';
import type { Target } from '../targets/target';
import { execute, type Command } from './command';
import { explainLoadFailure } from './explainFailure';
import { exclusively, observe, type Observation } from './observe';
import type { LoadedModule } from './procModules';

/** modprobe failed on the target. */
export class ModprobeError extends Error {
  override readonly name = 'ModprobeError';
  constructor(
    message: string,
    readonly kernelLog: readonly string[],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface ModprobeRequest {
  readonly target: Target;
  /** A module's name or an alias; installed below the target's /lib/modules. */
  readonly name: string;
  /** `name=value` each. */
  readonly parameters?: readonly string[];
}

/** What modprobe changed, read from the kernel before and after; all empty: there was nothing to do. */
export interface ModprobeResult {
  readonly loaded: readonly LoadedModule[];
  /** Names. */
  readonly unloaded: readonly string[];
  readonly kernelLog: readonly string[];
}

/**
 * Loads an installed module, and first what it depends on.
 * @throws ModprobeError, ModuleNameError, ParameterError, TargetLostError, or the signal's reason
 */
export async function modprobeModule(
  { target, name, parameters = [] }: ModprobeRequest,
  signal: AbortSignal,
): Promise<ModprobeResult> {
  return run(target, modprobe(name, parameters), `modprobe ${name}`, signal, (observation) =>
    explainLoadFailure({
      module: checkedModuleName(name),
      stderr: observation.tool?.stderr ?? '',
      kernelLog: observation.log.lines,
    }),
  );
}

/**
 * Unloads a module, and what it alone depended on.
 * @throws ModprobeError, ModuleNameError, TargetLostError, or the signal's reason
 */
export async function modprobeRemoveModule(
  { target, name }: Pick<ModprobeRequest, 'target' | 'name'>,
  signal: AbortSignal,
): Promise<ModprobeResult> {
  return run(target, modprobeRemove(name), `modprobe -r ${name}`, signal, ({ tool, modules }) =>
    explainRemoval(name.replaceAll('-', '_'), tool, modules),
  );
}

function run(
  target: Target,
  command: Command<ToolResult>,
  what: string,
  signal: AbortSignal,
  explain: (observation: Observation) => string,
): Promise<ModprobeResult> {
  return exclusively(
    target,
    async () => {
      const before = await execute(target, listModules(), signal);
      const observation = await observe(target, command, { what, withLog: true, signal });
      const { tool, interruption, modules, log } = observation;
      const result: ModprobeResult = {
        loaded: modules.filter(({ name }) => !before.some((one) => one.name === name)),
        unloaded: before.map(({ name }) => name).filter((name) => !modules.some((one) => one.name === name)),
        kernelLog: log.lines,
      };
      if (tool?.exitCode === 0) {
        return result;
      }
      const changed = describeChange(result);
      if (signal.aborted && changed === '') {
        throw signal.reason;
      }
      const reason = interruption === undefined ? explain(observation) : interruption.message;
      throw new ModprobeError(
        `${what}: ${reason}${changed}`,
        log.lines,
        interruption && { cause: interruption },
      );
    },
    signal,
  );
}

/** A failure half-way leaves something changed, and that is told. */
function describeChange({ loaded, unloaded }: ModprobeResult): string {
  const parts = [
    ...(loaded.length > 0 ? [`loaded meanwhile: ${loaded.map(({ name }) => name).join(', ')}`] : []),
    ...(unloaded.length > 0 ? [`unloaded meanwhile: ${unloaded.join(', ')}`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function explainRemoval(
  name: string,
  tool: ToolResult | undefined,
  modules: readonly LoadedModule[],
): string {
  const module = modules.find((one) => one.name === name);
  if (module !== undefined && module.usedBy.length > 0) {
    return `${name} is used by ${module.usedBy.join(', ')}`;
  }
  const text = tool?.stderr.replace(/^modprobe: (ERROR|FATAL): /, '') ?? '';
  if (/not found/.test(text)) {
    return module === undefined
      ? `${name} is not installed on the target, and not loaded`
      : `${name} is not in the target's modules.dep: a module that insmod loaded is unloaded with rmmod`;
  }
  return text === '' ? 'it failed without a word' : text;
}
