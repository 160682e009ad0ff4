import { runsOn } from './architecture';
import { allValues, firstValue, type ModuleFile, type ModuleInfo } from './modinfo';
import { normalizeModuleName } from './name';
import { checkParameterValue, sameParameterName, type ParameterAssignment } from './parameters';
import { compareMagic, parseVermagic, type MagicDifference } from './vermagic';

/** What stands in the way of a load. */
export interface Problem {
  /** error: the kernel refuses the load or it can not end well; warning: it may, or something is ignored. */
  readonly severity: 'error' | 'warning';
  readonly code:
    | 'no-modules'
    | 'not-permitted'
    | 'architecture'
    | 'signature'
    | 'no-unload'
    | 'vermagic'
    | 'already-loaded'
    | 'loading'
    | 'unloading'
    | 'missing-dependency'
    | 'unknown-parameter'
    | 'parameter-value';
  /** What the kernel would answer and what to do next. */
  readonly message: string;
}

/** A line of /proc/modules, as far as it matters here. */
interface ModuleState {
  /** With `_`. */
  readonly name: string;
  readonly state: 'live' | 'loading' | 'unloading';
}

/** What is known of a target; what is not known is left out, and then nothing is said about it. */
export interface TargetFacts {
  /** `uname -m`. */
  readonly machine?: string;
  /** `uname -r`. */
  readonly release?: string;
  /** The kernel's own vermagic, as any module built for it tells. */
  readonly vermagic?: string;
  readonly loaded?: readonly ModuleState[];
  /** The names in modules.builtin. */
  readonly builtin?: ReadonlySet<string>;
  readonly kernel?: {
    /** CONFIG_MODULES */
    readonly modules?: boolean | undefined;
    /** CAP_SYS_MODULE can be had there. */
    readonly mayLoad?: boolean | undefined;
    /** CONFIG_MODULE_UNLOAD */
    readonly unloads?: boolean | undefined;
    readonly signaturesEnforced?: boolean | undefined;
    readonly lockdown?: 'none' | 'integrity' | 'confidentiality' | undefined;
  };
}

/** Foresees how `insmod` of a module with these parameters would fail on a target. */
export function preflight(
  module: ModuleFile,
  target: TargetFacts,
  parameters: readonly ParameterAssignment[] = [],
): Problem[] {
  if (target.kernel?.modules === false) {
    const message =
      "The target's kernel was built without loadable modules (CONFIG_MODULES): build the driver into it, or another kernel.";
    return [{ severity: 'error', code: 'no-modules', message }];
  }
  if (target.kernel?.mayLoad === false) {
    const message =
      'No process on the target can have CAP_SYS_MODULE, not even root\'s, as in most containers: its kernel would answer "Operation not permitted". Load the module on the machine that the kernel is of.';
    return [{ severity: 'error', code: 'not-permitted', message }];
  }
  const architecture = checkArchitecture(module, target);
  if (architecture.length > 0) {
    // Built for another machine: its vermagic and what it depends on say nothing more.
    return architecture;
  }
  return [
    ...checkVermagic(module, target),
    ...checkSignature(module, target),
    ...checkUnload(module, target),
    ...checkLoaded(module, target),
    ...checkDependencies(module, target),
    ...parameters.flatMap((parameter) => checkParameter(module, parameter)),
  ];
}

function checkArchitecture({ info }: ModuleFile, { machine }: TargetFacts): Problem[] {
  const { name, architecture } = info;
  if (machine === undefined || architecture === undefined || runsOn(architecture, machine) !== false) {
    return [];
  }
  const message = `${name} is built for ${architecture}, the target is ${machine}: the kernel would answer "Invalid module format". Build it for the target, with its ARCH and CROSS_COMPILE.`;
  return [{ severity: 'error', code: 'architecture', message }];
}

function checkVermagic({ info, hasCrcs }: ModuleFile, target: TargetFacts): Problem[] {
  const magic = firstValue(info, 'vermagic');
  if (magic === undefined) {
    const message = `${info.name} has no vermagic: the kernel would refuse it or, if it allows forced loads, take it and be tainted. Build it with Kbuild.`;
    return [{ severity: 'warning', code: 'vermagic', message }];
  }
  const error = (reason: string): Problem[] => {
    const message = `${info.name} ${reason}: the kernel would answer "Invalid module format". Build it against the target's kernel${target.release === undefined ? '' : ` ${target.release}`}.`;
    return [{ severity: 'error', code: 'vermagic', message }];
  };
  if (target.vermagic !== undefined) {
    const difference = compareMagic(magic, target.vermagic, hasCrcs);
    return difference === undefined ? [] : error(describe(difference, magic, target.vermagic));
  }
  const { release } = parseVermagic(magic);
  return target.release === undefined || hasCrcs || release === target.release
    ? []
    : error(`is built for kernel ${release}, the target runs ${target.release}`);
}

/** Of a module that is not signed the answer is known (kernel/module/signing.c, module_sig_check()). */
function checkSignature({ info }: ModuleFile, { kernel }: TargetFacts): Problem[] {
  if (info.signed === true) {
    return [];
  }
  const error = (message: string): Problem[] => [{ severity: 'error', code: 'signature', message }];
  if (kernel?.signaturesEnforced === true) {
    return error(
      `${info.name} is not signed, and the target's kernel loads only modules with a good signature: it would answer "Key was rejected by service". Sign it with a key that this kernel trusts (scripts/sign-file), or start the kernel without module.sig_enforce.`,
    );
  }
  return kernel?.lockdown === undefined || kernel.lockdown === 'none'
    ? []
    : error(
        `${info.name} is not signed, and the target's kernel is locked down (${kernel.lockdown}): it would answer "Operation not permitted". Sign it with a key that this kernel trusts, or switch lockdown off (kernel_lockdown(7): often Secure Boot).`,
      );
}

function checkUnload({ info }: ModuleFile, { kernel }: TargetFacts): Problem[] {
  if (kernel?.unloads !== false) {
    return [];
  }
  const message = `${info.name} can not be unloaded again before the target is restarted: its kernel was built without CONFIG_MODULE_UNLOAD.`;
  return [{ severity: 'warning', code: 'no-unload', message }];
}

function describe({ release, missing, extra }: MagicDifference, module: string, kernel: string): string {
  const reasons = [
    ...(release
      ? [
          `is built for kernel ${parseVermagic(module).release}, the target runs ${parseVermagic(kernel).release}`,
        ]
      : []),
    ...(missing.length > 0 ? [`lacks "${missing.join(' ')}" of the target's kernel`] : []),
    ...(extra.length > 0 ? [`is built with "${extra.join(' ')}", which the target's kernel is not`] : []),
  ];
  return reasons.length > 0
    ? reasons.join(' and ')
    : `has the version magic "${module}" where the kernel has "${kernel}"`;
}

const LOADED: Readonly<
  Record<ModuleState['state'], { code: Problem['code']; text: (name: string) => string }>
> = {
  live: {
    code: 'already-loaded',
    text: (name) =>
      `${name} is already loaded: the kernel would answer "File exists" and keep the old one. Unload it first, or reload it.`,
  },
  loading: {
    code: 'loading',
    text: (name) =>
      `${name} is still being loaded, its init function has not returned: a second insmod would wait for it, for ever if it crashed. Look at the kernel log; after a crash only a reboot helps.`,
  },
  unloading: {
    code: 'unloading',
    text: (name) =>
      `${name} is being unloaded, its exit function has not returned: the kernel would answer "Device or resource busy" or wait. Wait until it is gone; if it stays, look at the kernel log.`,
  },
};

function checkLoaded({ info }: ModuleFile, { loaded }: TargetFacts): Problem[] {
  const present = loaded?.find(({ name }) => name === info.name);
  if (present === undefined) {
    return [];
  }
  const { code, text } = LOADED[present.state];
  return [{ severity: 'error', code, message: text(info.name) }];
}

/** The modules that have to be loaded first, with `_`. */
export function dependencies(info: ModuleInfo): string[] {
  return allValues(info, 'depends')
    .flatMap((value) => value.split(','))
    .filter((name) => name !== '')
    .map(normalizeModuleName);
}

function checkDependencies({ info }: ModuleFile, { loaded, builtin }: TargetFacts): Problem[] {
  if (loaded === undefined) {
    return [];
  }
  const present = new Set(loaded.filter(({ state }) => state === 'live').map(({ name }) => name));
  const missing = dependencies(info).filter((name) => !present.has(name) && builtin?.has(name) !== true);
  if (missing.length === 0) {
    return [];
  }
  const [these, are, unlessBuiltIn] = [
    missing.join(', '),
    missing.length === 1 ? 'is' : 'are',
    builtin === undefined ? ', unless they are part of the kernel itself' : '',
  ];
  const message = `${info.name} needs ${these}, which ${are} not loaded: insmod would fail with "Unknown symbol in module"${unlessBuiltIn}. Load ${these} first, or install ${info.name} and use modprobe.`;
  return [{ severity: builtin === undefined ? 'warning' : 'error', code: 'missing-dependency', message }];
}

/** Parameters that every module takes (kernel/module/main.c, unknown_module_param_cb()). */
const COMMON_PARAMETERS = ['async_probe', 'dyndbg'];

function checkParameter({ info, bits }: ModuleFile, { name, value }: ParameterAssignment): Problem[] {
  const parameter = info.parameters.find((known) => sameParameterName(known.name, name));
  if (parameter === undefined) {
    if (COMMON_PARAMETERS.includes(name)) {
      return [];
    }
    const message = `${info.name} lists no parameter "${name}": the kernel would ignore it and only say so in its log. ${suggestion(info.parameters)}`;
    return [{ severity: 'warning', code: 'unknown-parameter', message }];
  }
  const refusal = checkParameterValue(parameter, value, bits);
  if (refusal === undefined) {
    return [];
  }
  const message = `${info.name}: parameter ${parameter.name}: ${refusal}. The kernel would answer "Invalid parameters" and not load the module.`;
  return [{ severity: 'error', code: 'parameter-value', message }];
}

function suggestion(parameters: readonly { readonly name: string }[]): string {
  return parameters.length === 0
    ? 'It lists no parameters at all.'
    : `It has ${parameters.map(({ name }) => name).join(', ')}.`;
}
