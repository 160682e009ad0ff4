import type { Target } from '../targets/target';
import { checkedModuleName, rmmod } from './commands';
import { exclusively, observe } from './observe';
import type { LoadedModule } from './procModules';

/** A module was not unloaded. */
export class UnloadError extends Error {
  override readonly name = 'UnloadError';
  constructor(
    message: string,
    readonly kernelLog: readonly string[] = [],
    /** The module as /proc/modules tells it after the failure; undefined: it is not loaded. */
    readonly module?: LoadedModule,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface UnloadRequest {
  readonly target: Target;
  readonly name: string;
  /** Reads what the kernel logged also when all went well: for those who do not follow its log anyway. */
  readonly withLog?: boolean;
}

export interface UnloadResult {
  /** What the kernel logged meanwhile, as dmesg prints it; empty where it was not asked for. */
  readonly kernelLog: readonly string[];
}

/**
 * Unloads a module; that it is gone was read from the kernel.
 * @throws UnloadError, ModuleNameError, TargetLostError, or the signal's reason when nothing was changed
 */
export async function unloadModule(
  { target, name, withLog = false }: UnloadRequest,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const module = checkedModuleName(name).replaceAll('-', '_');
  return exclusively(target, () => remove(target, module, withLog, signal), signal);
}

/**
 * Runs rmmod on a module that was seen to be loaded; for workflows that hold the target already.
 * @throws as unloadModule
 */
export async function removeModule(
  target: Target,
  module: LoadedModule,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const { name } = module;
  const foreseen = whyNotRemovable(module);
  if (foreseen !== undefined) {
    throw new UnloadError(foreseen, [], module);
  }
  return remove(target, name, false, signal);
}

/** What speaks against it the kernel knows best: it is asked afterwards, once. */
async function remove(
  target: Target,
  name: string,
  withLog: boolean,
  signal: AbortSignal,
): Promise<UnloadResult> {
  const { tool, interruption, modules, log } = await observe(target, rmmod(name), {
    what: `rmmod ${name}`,
    subject: { name, wanted: 'gone' },
    withLog,
    signal,
  });
  const now = modules.find((one) => one.name === name);
  if (now === undefined && (tool === undefined || tool.exitCode === 0)) {
    return { kernelLog: log.lines };
  }
  if (now === undefined) {
    throw new UnloadError(`${name} is not loaded on ${target.name}`, log.lines);
  }
  if (signal.aborted && now.state === 'live') {
    throw signal.reason;
  }
  const told = tool?.stderr.replace(/^rmmod: (ERROR: )?/, '') ?? '';
  const reason =
    interruption === undefined
      ? explain(now, told)
      : `${interruption.message}; the kernel says that ${name} is ${now.state}`;
  throw new UnloadError(
    whyNotRemovable(now) ?? `rmmod ${name}: ${reason}`,
    log.lines,
    now,
    interruption === undefined ? undefined : { cause: interruption },
  );
}

function explain({ name, references }: LoadedModule, told: string): string {
  const held = (references ?? 0) > 0 || /in use|busy|temporarily unavailable/i.test(told);
  return held
    ? `${name} is in use (${references ?? 0} references, none of them a module): close the files, devices or mounts that it serves. A reference that its own code has leaked stays until a restart`
    : told === ''
      ? `${name} is still loaded, and rmmod does not say why`
      : told;
}

/** Why rmmod would be refused, as far as /proc/modules tells. */
function whyNotRemovable(module: LoadedModule): string | undefined {
  const { name, usedBy, state, permanent } = module;
  if (state === 'loading') {
    return `${name} is still loading: its init function has not returned. If it crashed, only a restart of the target helps`;
  }
  if (state === 'unloading') {
    return `${name} is already being unloaded: its exit function has not returned`;
  }
  if (usedBy.length > 0) {
    return `${name} is used by ${usedBy.join(', ')}; unload ${usedBy.length === 1 ? 'that' : 'those'} first`;
  }
  if (permanent) {
    return `${name} can not be unloaded: it has no exit function`;
  }
  return undefined;
}
