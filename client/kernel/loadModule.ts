import { MODULE } from '../../engine/files/limits';
import { readRegularFile } from '../../engine/files/regularFile';
import { decompress } from '../../kmod/compressed';
import { isModuleName } from '../../kmod/name';
import { readModuleFile, type ModuleFile, type ModuleInfo } from '../../kmod/modinfo';
import { parseParameters } from '../../kmod/parameters';
import { dependencies, preflight, type Problem } from '../../kmod/preflight';
import { stripDebug } from '../../kmod/stripDebug';
import { TargetLostError, TimeLimitError, UploadError } from '../targets/errors';
import type { Target, TargetFacts } from '../targets/target';
import { pack } from '../targets/uploadFile';
import { CommandFailedError, execute } from './command';
import { insmod, readSituation, removeFile } from './commands';
import { explainLoadFailure, ignoredParameters } from './explainFailure';
import { formatSize } from './formatSize';
import { exclusively, NotRunError, observe, type Observation, type TemporaryFile } from './observe';
import { insmodArgument } from './parameterArgument';
import type { LoadedModule } from './procModules';
import { abandon, temporaryPath } from './temporaryFiles';
import { removeModule } from './unloadModule';

/** The steps of a load, in their order. */
export type LoadStep = 'build' | 'read' | 'preflight' | 'upload' | 'unload' | 'insmod';

export interface LoadRequest {
  readonly target: Target;
  readonly facts: TargetFacts;
  /** The .ko (also .ko.gz, .ko.xz, .ko.zst) on this machine. */
  readonly file: string;
  /** `name=value` each, the value as it is meant: it is quoted for the kernel here. */
  readonly parameters: readonly string[];
  /** Sends the debug information too, which the kernel does not read. */
  readonly keepDebug?: boolean;
  /** Reads what the kernel logged also when all went well: for those who do not follow its log anyway. */
  readonly withLog?: boolean;
  /** Makes the file first. */
  readonly build?: (signal: AbortSignal) => Promise<void>;
  /** Told what is being done, for a person: "uploading (6.7 KB)". */
  readonly report?: (text: string, step: LoadStep) => void;
}

export interface LoadResult {
  /** As /proc/modules tells it. */
  readonly module: LoadedModule;
  readonly info: ModuleInfo;
  /** The module is loaded, and something of it is not as asked. */
  readonly warnings: readonly { readonly message: string }[];
  /** What the kernel logged since the load began, as dmesg prints it; empty where it was not asked for. */
  readonly kernelLog: readonly string[];
}

/** A module was not loaded, or not as asked. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  constructor(
    message: string,
    readonly step: LoadStep,
    readonly kernelLog: readonly string[] = [],
    /** The module as /proc/modules tells it after the failure; undefined: it is not loaded, or was not asked for. */
    readonly module?: LoadedModule,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Builds (if told), checks, uploads and loads a module. The uploaded file is removed whatever happens, and what is
 * returned was read from the kernel.
 * @throws LoadError, TargetLostError, or the signal's reason when nothing was changed
 */
export function loadModule(request: LoadRequest, signal: AbortSignal): Promise<LoadResult> {
  return exclusively(request.target, () => load(request, false, signal), signal);
}

/**
 * The same for a module that may be loaded already: it is unloaded when the new file is on the target and
 * nothing speaks against it, so that a broken build or a broken connection leaves the old one loaded.
 * @throws LoadError, UnloadError, TargetLostError, or the signal's reason when nothing was changed
 */
export function reloadModule(request: LoadRequest, signal: AbortSignal): Promise<LoadResult> {
  return exclusively(request.target, () => load(request, true, signal), signal);
}

async function load(request: LoadRequest, replace: boolean, signal: AbortSignal): Promise<LoadResult> {
  const { file, build, report = () => undefined } = request;
  const step = steps(signal);

  if (build !== undefined) {
    report('building…', 'build');
    await step('build', () => build(signal));
  }
  request.target.wake?.();
  const { bytes, module } = await step('read', () => readLocal(file, request.keepDebug === true));
  const { name } = module.info;

  report('checking…', 'preflight');
  const work: Work = { request, replace, bytes, module, report, step, signal };
  const { foreseen, observation } = (await loadAtOnce(work)) ?? (await loadInSteps(work));
  const now = observation.modules.find((one) => one.name === name);
  if (now?.state !== 'live' || observation.tool?.exitCode !== 0) {
    throw failure(name, observation, now, signal);
  }
  const ignored = ignoredParameters(observation.log.lines).map((parameter) => ({
    message: `${name} has no parameter ${parameter}: the kernel ignored it`,
  }));
  return {
    module: now,
    info: module.info,
    warnings: [...foreseen.filter(({ code }) => code === 'vermagic'), ...ignored],
    kernelLog: observation.log.lines,
  };
}

interface Work {
  readonly request: LoadRequest;
  readonly replace: boolean;
  /** What is sent. */
  readonly bytes: Uint8Array;
  readonly module: ModuleFile;
  readonly report: (text: string, step: LoadStep) => void;
  readonly step: <T>(step: LoadStep, task: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

interface Loaded {
  readonly foreseen: readonly Problem[];
  readonly observation: Observation;
}

/** Bytes. More, spelt out, is not with the target at once: after a rest TCP sends some 14 KB and waits (RFC 6928). */
const WORTH_PACKING = 4 * 1024;

/** Bytes as they are sent. More goes faster on a channel of its own, where it need not be spelt out. */
const MOST_AT_ONCE = 16 * 1024;

/** Where the last load of a connection wrote its file to. */
const places = new WeakMap<Target, Place>();

/**
 * One command for all of it: what has to be known of the target is checked where the module is loaded.
 * Undefined: nothing was done, and why is for the longer way to tell.
 */
async function loadAtOnce(work: Work): Promise<Loaded | undefined> {
  const { request, bytes, module, report, step, signal } = work;
  const { target, facts } = request;
  const place = places.get(target);
  const needs = dependencies(module.info);
  // Where another user becomes root the file stays the login's own: root would leave what only root can remove.
  if (place === undefined || facts.root !== 'login' || !needs.every((name) => isModuleName(name))) {
    return undefined;
  }
  const packed = place.unpacks && bytes.length > WORTH_PACKING ? await pack(bytes) : undefined;
  if ((packed ?? bytes).length > MOST_AT_ONCE) {
    return undefined;
  }
  const live = needs.map((name) => ({ name, state: 'live' as const }));
  const foreseen = await step('preflight', () => Promise.resolve(foresee(work, live)));
  if (foreseen.some(({ severity }) => severity === 'error')) {
    return undefined;
  }
  report(`uploading (${formatSize(bytes.length)})…`, 'upload');
  signal.throwIfAborted();
  report('insmod…', 'insmod');
  const path = temporaryPath(place.directory, facts, place.owner);
  try {
    const observation = await orRemoved(target, path, () =>
      step('insmod', () => insert(work, { path, data: bytes, packed }, needs)),
    );
    return { foreseen, observation };
  } catch (error) {
    if (error instanceof LoadError && error.cause instanceof NotRunError) {
      return undefined;
    }
    throw error;
  }
}

async function loadInSteps(work: Work): Promise<Loaded> {
  const { request, bytes, report, step, signal } = work;
  const { target, facts } = request;
  const { foreseen, loaded, place } = await step('preflight', () => check(work));
  places.set(target, place);
  const path = temporaryPath(place.directory, facts, place.owner);

  report(`uploading (${formatSize(bytes.length)})…`, 'upload');
  const observation = await orRemoved(target, path, async () => {
    await step('upload', () => target.upload(bytes, path, { signal }));
    if (loaded !== undefined) {
      report('unloading the old one…', 'unload');
      await removeModule(target, loaded, signal);
    }
    report('insmod…', 'insmod');
    return step('insmod', () => insert(work, { path }));
  });
  return { foreseen, observation };
}

/** `needs`: it is loaded only where these are live, and it is not. */
function insert(
  { request, module, signal }: Work,
  file: TemporaryFile,
  needs?: readonly string[],
): Promise<Observation> {
  const { target, parameters, withLog = false } = request;
  const { name } = module.info;
  return observe(target, insmod(file.path, parameters), {
    what: `insmod ${name}`,
    file,
    subject: { name, wanted: 'live', ...(needs === undefined ? {} : { needs }) },
    // The kernel ignores a parameter that it does not know, and only its log says so.
    withLog: withLog || parameters.length > 0,
    signal,
  });
}

/** What loads the file removes it; what throws before it could does not. A lost target is swept when it is back. */
async function orRemoved<T>(target: Target, path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (target.lost.aborted) {
      abandon(target, path);
    } else {
      await execute(target, removeFile(path));
    }
    throw error;
  }
}

/** Runs a step: what fails in it becomes a LoadError that names it, but a cancellation and a lost target stay. */
function steps(signal: AbortSignal): <T>(step: LoadStep, task: () => Promise<T>) => Promise<T> {
  return async (step, task) => {
    signal.throwIfAborted();
    try {
      return await task();
    } catch (error) {
      if (signal.aborted || error instanceof TargetLostError || error instanceof LoadError) {
        throw error;
      }
      const at = error instanceof UploadError ? 'upload' : step;
      throw new LoadError(error instanceof Error ? error.message : String(error), at, [], undefined, {
        cause: error,
      });
    }
  };
}

async function readLocal(
  file: string,
  keepDebug: boolean,
): Promise<{ bytes: Uint8Array; module: ModuleFile }> {
  try {
    const bytes = await decompress(await readRegularFile(file, MODULE));
    return { bytes: keepDebug ? bytes : stripDebug(bytes), module: await readModuleFile(bytes, file) };
  } catch (error) {
    throw new Error(`${file} can not be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** As Situation tells. */
interface Place {
  readonly directory: string;
  readonly owner: number;
  readonly unpacks: boolean;
}

interface Checked {
  readonly foreseen: readonly Problem[];
  /** The module that is to be replaced. */
  readonly loaded: LoadedModule | undefined;
  readonly place: Place;
}

/** Everything that can be known before a byte is copied. */
async function check(work: Work): Promise<Checked> {
  const { request, replace, bytes, module, signal } = work;
  const { target, facts } = request;
  const size = bytes.length;
  const situation = await execute(target, readSituation(facts.release, size), signal);
  const { directory, free, modules, builtin, owner, unpacks } = situation;
  const loaded = modules.find((one) => one.name === module.info.name);
  const others = modules.filter((one) => !(replace && one === loaded && one.state === 'live'));
  const foreseen = foresee(work, others, builtin);
  const errors = foreseen.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new LoadError(errors.map(({ message }) => message).join(' '), 'preflight', [], loaded);
  }
  if (directory === undefined) {
    throw new Error(
      `${target.name} has no directory to write the file to: /tmp, /run, /dev/shm and /var/tmp are all read-only or missing, or let others replace a file there (chmod +t /tmp keeps them from it)`,
    );
  }
  if (free !== undefined && free * 1024 < size) {
    throw new Error(
      `${target.name} has no room for it: ${formatSize(size)} are needed, ${formatSize(free * 1024)} are free in ${directory}`,
    );
  }
  return { foreseen, loaded, place: { directory, owner, unpacks } };
}

function foresee(
  { request, module }: Work,
  loaded: readonly Pick<LoadedModule, 'name' | 'state'>[],
  builtin?: ReadonlySet<string>,
): Problem[] {
  const { machine, release, kernel } = request.facts;
  const assignments = parseParameters(request.parameters.map(insmodArgument).join(' '));
  const facts = { machine, release, kernel, loaded, ...(builtin === undefined ? {} : { builtin }) };
  return preflight(module, facts, assignments);
}

/** What the kernel says of a module after an insmod that did not simply work. */
function failure(
  name: string,
  { tool, interruption, log }: Observation,
  now: LoadedModule | undefined,
  signal: AbortSignal,
): unknown {
  const fail = (reason: string): LoadError =>
    new LoadError(
      `insmod ${name}: ${reason}`,
      'insmod',
      log.lines,
      now,
      interruption === undefined ? undefined : { cause: interruption },
    );
  if (signal.aborted && now === undefined) {
    return signal.reason;
  }
  const state =
    now === undefined
      ? `the kernel does not list ${name}`
      : now.state === 'live'
        ? `the kernel says that ${name} is live`
        : `the kernel says that ${name} is ${now.state}: ${
            now.state === 'loading' ? 'its init function has not returned' : 'it is going'
          }`;
  if (tool?.exitCode === 0) {
    return fail(`insmod reported success, but ${state}`);
  }
  if (signal.aborted) {
    return fail(`cancelled, but ${state}`);
  }
  if (interruption instanceof TimeLimitError) {
    return fail(`it did not end within ${interruption.limit / 1000} s; ${state}`);
  }
  const stderr = tool?.stderr ?? '';
  const crashed = interruption instanceof CommandFailedError ? interruption.result.stderr.trim() : undefined;
  if (tool === undefined && crashed === undefined) {
    return fail(`${interruption?.message ?? 'it did not end'}; ${state}`);
  }
  const reason = explainLoadFailure({ module: name, stderr: crashed ?? stderr, kernelLog: log.lines });
  return fail(now?.state === 'loading' ? `${reason} (${state})` : reason);
}
