import { Budget } from '../budget';
import type { ConfigurationEntry } from './configuration';
import type { Complaint } from './configurationFiles';
import { softDependencies } from './dependencies';
import { moduleName, type FoundModule, type ModuleLookup } from './lookup';

export interface ProbeOptions {
  /** `-b`: the blacklist holds for the module that is asked for by its own name, too. */
  readonly useBlacklist?: boolean;
  /** `-i`: install and softdep lines of the module that is asked for are passed over. */
  readonly ignoreInstall?: boolean;
  /** The arguments behind the name. */
  readonly parameters?: readonly string[];
  /** The absolute path of a module's file: it is asked for, and the name is the module's own. */
  readonly file?: string;
  /** /lib/modules/RELEASE */
  readonly kernelDirectory: string;
  /** Is there something at this absolute path? modprobe forgets the dependencies of a module when one has no file. */
  readonly exists: (path: string) => Promise<boolean>;
}

/** Why modprobe comes to a module. */
type Cause =
  | { readonly kind: 'asked' }
  | { readonly kind: 'dependency'; readonly of: string }
  | { readonly kind: 'softdep'; readonly of: string; readonly entry: ConfigurationEntry };

/** What modprobe does with a module. */
interface ProbeStep {
  /** 'nothing': it has no file, and is not built in. */
  readonly kind: 'insmod' | 'install' | 'builtin' | 'nothing';
  readonly module: string;
  readonly cause: Cause;
  /** Of an insmod; absolute. */
  readonly path?: string;
  /** The install line that runs, or would run but for a softdep line or -i. */
  readonly install?: ConfigurationEntry;
  /** As they are handed on, with those of the command line. */
  readonly options: string;
  readonly optionEntries: readonly ConfigurationEntry[];
}

/** What modprobe does for one module that a name stands for. */
interface Probe {
  readonly found: FoundModule;
  /** It is passed over without a word: no step is taken. */
  readonly blacklistedBy?: ConfigurationEntry;
  readonly steps: readonly ProbeStep[];
}

export interface ProbePlan {
  /** None: modprobe does not find the name. */
  readonly probes: readonly Probe[];
  readonly complaints: readonly Complaint[];
}

/** Characters of lines, each as often as it counts for a step. Some hundred steps with their options have 100 KB. */
const MAX_CHARACTERS = 4 << 20;

/** A line that counts, and a name in it, has to be looked up and told, however short it is. */
const LEAST = 64;

/**
 * What `modprobe NAME` does, step by step, were no module loaded yet: kmod_module_probe_insert_module() in
 * libkmod-module.c. Nothing is run.
 * @throws BudgetError
 */
export async function planProbe(
  lookup: ModuleLookup,
  name: string,
  options: ProbeOptions,
): Promise<ProbePlan> {
  const planner = new Planner(lookup, options);
  const probes: Probe[] = [];
  const { file } = options;
  const found =
    file === undefined ? (lookup.find(name) ?? []) : [{ name, finding: { in: 'file', file } } as const];
  for (const each of found) probes.push(await planner.probe(each));
  return { probes, complaints: planner.complaints };
}

/** What `modprobe --show-depends` prints of a plan. */
export function formatShowDepends({ probes }: ProbePlan): string {
  return probes
    .flatMap(({ steps }) => steps)
    .map((step) => {
      switch (step.kind) {
        case 'insmod':
          return `insmod ${step.path} ${step.options}\n`;
        case 'install':
          return `install ${step.install?.value} ${step.options}\n`;
        case 'builtin':
          return `builtin ${step.module}\n`;
        case 'nothing':
          return '';
      }
    })
    .join('');
}

/** A struct kmod_module: one for each name, and one for each name by an alias. */
interface PlannedModule {
  readonly name: string;
  readonly alias: string | undefined;
  builtin: boolean | undefined;
  path: string | undefined;
  dependencies: readonly PlannedModule[] | undefined;
  install: ConfigurationEntry | undefined;
  options: readonly ConfigurationEntry[] | undefined;
  visited: boolean;
  ignoresCommand: boolean;
}

class Planner {
  readonly complaints: Complaint[] = [];
  readonly #modules = new Map<string, PlannedModule>();
  /** A thousand aliases for a module with a thousand options are a million of them. */
  readonly #budget = new Budget(
    MAX_CHARACTERS,
    'modprobe would have more steps and options than can be shown',
  );

  constructor(
    private readonly lookup: ModuleLookup,
    private readonly options: ProbeOptions,
  ) {}

  async probe(found: FoundModule): Promise<Probe> {
    const module = this.#moduleOf(found);
    const blacklisted = this.lookup.blacklistOf(module.name);
    if (blacklisted !== undefined && (module.alias !== undefined || this.options.useBlacklist === true)) {
      return { found, blacklistedBy: blacklisted, steps: [] };
    }
    for (const known of this.#modules.values()) known.visited = false;
    const list: Planned[] = [];
    await this.#visit(module, { kind: 'asked' }, this.options.ignoreInstall === true, list);
    return { found, steps: list.map((planned) => this.#stepOf(planned, planned.module === module)) };
  }

  /** __kmod_module_get_probe_list() */
  async #visit(module: PlannedModule, cause: Cause, ignoreCommand: boolean, list: Planned[]): Promise<void> {
    if (module.visited) return;
    module.visited = true;
    for (const dependency of await this.#dependenciesOf(module)) {
      await this.#addWithSoftdeps(dependency, { kind: 'dependency', of: module.name }, list);
    }
    if (ignoreCommand) {
      list.push({ module, cause });
      module.ignoresCommand = true;
    } else {
      await this.#addWithSoftdeps(module, cause, list);
    }
  }

  /** __kmod_module_fill_softdep(): a softdep line with a module that is known hides the install line. */
  async #addWithSoftdeps(module: PlannedModule, cause: Cause, list: Planned[]): Promise<void> {
    const entry = this.lookup.softdepOf(module.name);
    const { pre, post } = entry === undefined ? { pre: [], post: [] } : softDependencies(entry.value);
    this.#budget.spend(LEAST * (1 + pre.length + post.length));
    const [before, after] = [this.#findAll(pre), this.#findAll(post)];
    const visitAll = async (modules: readonly PlannedModule[]): Promise<void> => {
      if (entry === undefined) return;
      for (const softdep of modules) {
        await this.#visit(softdep, { kind: 'softdep', of: module.name, entry }, false, list);
      }
    };
    await visitAll(before);
    list.push({ module, cause });
    module.ignoresCommand = before.length > 0 || after.length > 0;
    await visitAll(after);
  }

  #findAll(names: readonly string[]): PlannedModule[] {
    return names.flatMap((name) => {
      const found = this.lookup.find(name);
      if (found === undefined) this.#complainAboutName(name);
      return (found ?? []).map((module) => this.#moduleOf(module));
    });
  }

  #complainAboutName(name: string): void {
    const why = this.lookup.tooLong(name);
    if (why !== undefined) this.complaints.push({ reporter: 'kmod_lookup_alias_from_config', text: why });
    const what = this.lookup.configuration.kmod < 33 ? 'soft dependency' : 'dependency';
    this.complaints.push({
      reporter: 'lookup_softdep',
      text: `failed to lookup ${what} '${name}', continuing anyway.`,
    });
  }

  /** kmod_module_parse_depline() */
  async #dependenciesOf(module: PlannedModule): Promise<readonly PlannedModule[]> {
    if (module.dependencies !== undefined) return module.dependencies;
    const line = this.lookup.tables.line(module.name);
    if (line === undefined) return [];
    module.path ??= this.#absolute(line.path);
    const dependencies: PlannedModule[] = [];
    for (const path of line.dependencies.map((relative) => this.#absolute(relative))) {
      const dependency = await this.#moduleOfFile(path);
      if (dependency === undefined) return [];
      dependencies.unshift(dependency);
    }
    module.dependencies = dependencies;
    return dependencies;
  }

  async #moduleOfFile(path: string): Promise<PlannedModule | undefined> {
    if (!(await this.options.exists(path))) return undefined;
    const module = this.#module(moduleName(path.slice(path.lastIndexOf('/') + 1)), undefined);
    module.path ??= path;
    module.builtin = false;
    return module.path === path ? module : undefined;
  }

  #moduleOf({ name, alias, finding }: FoundModule): PlannedModule {
    const module = this.#module(name, alias);
    if (finding.in === 'modules.builtin' || finding.in === 'modules.builtin.alias') module.builtin = true;
    if (finding.in === 'file') [module.path, module.builtin] = [finding.file, false];
    // The line that is named exactly counts, even behind a pattern.
    if (finding.in === 'command' && finding.entry.kind === 'install') module.install = finding.entry;
    return module;
  }

  #module(name: string, alias: string | undefined): PlannedModule {
    const key = alias === undefined ? name : `${name}\\${alias}`;
    const known = this.#modules.get(key);
    if (known !== undefined) return known;
    const module: PlannedModule = {
      name,
      alias,
      builtin: undefined,
      path: undefined,
      dependencies: undefined,
      install: this.lookup.installOf(name),
      options: undefined,
      visited: false,
      ignoresCommand: false,
    };
    this.#modules.set(key, module);
    return module;
  }

  #stepOf({ module, cause }: Planned, isAsked: boolean): ProbeStep {
    const { name, install } = module;
    module.options ??= this.lookup.optionsOf(name, module.alias);
    const optionEntries = module.options;
    this.#budget.spend(LEAST * (optionEntries.length + 1));
    for (const { value } of optionEntries) this.#budget.spend(value.length);
    const step = {
      module: name,
      cause,
      options: joinOptions(optionEntries, isAsked ? (this.options.parameters ?? []) : []),
      optionEntries,
      ...(install === undefined ? {} : { install }),
    };
    if (install !== undefined && !module.ignoresCommand) return { ...step, kind: 'install' };
    const line = this.lookup.tables.line(name);
    const path = module.path ?? (line === undefined ? undefined : this.#absolute(line.path));
    if (path !== undefined) return { ...step, kind: 'insmod', path };
    const builtin = module.builtin ?? this.lookup.tables.isBuiltin(name);
    return { ...step, kind: builtin ? 'builtin' : 'nothing' };
  }

  #absolute(path: string): string {
    return path.startsWith('/') ? path : `${this.options.kernelDirectory}/${path}`;
  }
}

interface Planned {
  readonly module: PlannedModule;
  readonly cause: Cause;
}

/** module_options_concat(): options of the configuration have a blank behind them, whatever follows. */
function joinOptions(entries: readonly ConfigurationEntry[], parameters: readonly string[]): string {
  const configured = entries.map(({ value }) => value).filter((value) => value !== '');
  const given = parameters.map(quote).reduce((text, word) => (text === '' ? word : `${text} ${word}`), '');
  return configured.length === 0 ? given : `${configured.join(' ')} ${given}`;
}

/** options_from_array() in tools/modprobe.c: a value with a blank is put in quotes. */
function quote(parameter: string): string {
  const value = parameter.indexOf('=') + 1;
  const text = parameter.slice(value);
  return value > 0 && !/^["']/.test(text) && text.includes(' ')
    ? `${parameter.slice(0, value)}"${text}"`
    : parameter;
}
