import type { ConfigurationEntry } from '../../../kmod/config/configuration';
import type { ModuleLookup } from '../../../kmod/config/lookup';
import type { ProbePlan } from '../../../kmod/config/probe';
import type { KmodVersion } from '../../../kmod/config/versions';
import { code, commandLink, joinMarkdown, prose, type Inline, type Markdown } from '../../../kmod/markdown';
import type { FoundModule } from '../../catalog/catalog';
import { placeOfEntry } from '../effective';
import { describeOrigin } from '../markdown';

/** What modprobe would do on a system. */
export interface ExplainedSystem {
  readonly origin: FoundModule['origin'];
  readonly tool: Tool;
  readonly lookup: ModuleLookup;
  readonly plan: ProbePlan;
  /** The URI of a file by its path in the configuration; undefined: no editor can open it. */
  readonly uriOf: (path: string) => string | undefined;
  /** The modules that are live, with `_`; undefined: not known. */
  readonly loaded?: ReadonlySet<string>;
  /** Configuration that modprobe, as root, reads, and that could not be read. */
  readonly unreadable?: readonly string[];
}

/** The modprobe of a system, as it tells itself. */
export type Tool =
  | { readonly kind: 'kmod'; readonly version?: KmodVersion }
  | { readonly kind: 'busybox'; readonly version: string }
  | { readonly kind: 'none' };

/** Plans what modprobe would do; nothing is run. */
export interface Probes {
  /** @throws when there is no system to plan for */
  plan(name: string, kmod: KmodVersion): Promise<ExplainedSystem>;
}

type Probe = ProbePlan['probes'][number];
type Step = Probe['steps'][number];

/** A command of the editor: opens a URI at the line of its fragment, `#L3`. */
const OPEN_LINE = 'kmod.openLine';

const SOURCES = {
  'modules.dep': 'is a module, by modules.dep',
  'modules.symbols': 'is exported, by modules.symbols',
  'modules.alias': 'is an alias inside of a module, by modules.alias',
  'modules.builtin': 'is built into the kernel, by modules.builtin',
  'modules.builtin.alias': 'is an alias of what is built into the kernel',
  file: 'is the file of a module',
} as const;

/** The steps that `modprobe NAME` would take, each with the line that causes it, as a document. */
export function explain(name: string, system: ExplainedSystem): Markdown {
  const { probes, complaints } = system.plan;
  const head = [prose`# modprobe ${name}`, ...describeSystem(system)];
  if (probes.length === 0) {
    return joinMarkdown([
      ...head,
      prose`**modprobe fails:** no alias line, no module, no install or remove line and no alias of a module has this name.`,
    ]);
  }
  const text = new Explanation(name, system);
  return joinMarkdown([
    ...head,
    ...probes.flatMap((probe) => text.probe(probe)),
    ...text.blacklist(),
    ...complaints.map((complaint) => prose`modprobe says: ${code(complaint.text)}`),
  ]);
}

/** Whose modprobe this is, and what is not known of it. */
function describeSystem({ origin, tool, lookup, loaded, unreadable = [] }: ExplainedSystem): Inline[] {
  const { kmod } = lookup.configuration;
  const rules = {
    kmod:
      tool.kind === 'kmod' && tool.version !== undefined
        ? `its own kmod ${kmod}`
        : `the rules of kmod ${kmod}`,
    busybox: 'the rules of BusyBox',
    none: `the rules of kmod ${kmod}`,
  }[tool.kind];
  return [
    prose`${describeOrigin(origin)}, read by ${rules}.`,
    ...(tool.kind === 'none' ? [prose`**There is no modprobe:** nothing of this happens there.`] : []),
    ...(tool.kind === 'busybox' ? [aboutBusybox(tool.version)] : []),
    ...(loaded === undefined ? ['What is loaded already is not looked at: modprobe passes over it.'] : []),
    ...(unreadable.length === 0
      ? []
      : [
          prose`**Not read:** the login may not read ${joinMarkdown(unreadable.map(code), ', ')}; modprobe, as root, does.`,
        ]),
  ];
}

const aboutBusybox = (version: string): Markdown =>
  prose`**The modprobe of this target is BusyBox’s** (${version}), not kmod’s. It reads only \`/etc/modprobe.conf\` and \`/etc/modprobe.d/*.conf\`, follows \`include\`, takes \`#\` for a comment anywhere, and passes over \`softdep\`, \`weakdep\`, \`install\` and \`remove\` lines and the options of an alias; of aliases, the last comes first. Included files are not shown here. So does BusyBox 1.35; a build with the small modprobe reads no configuration at all.`;

class Explanation {
  constructor(
    private readonly name: string,
    private readonly system: ExplainedSystem,
  ) {}

  probe(probe: Probe): Inline[] {
    const { found, blacklistedBy, steps } = probe;
    const title = prose`## ${found.name}`;
    if (this.#isLoaded(found.name)) {
      return [
        title,
        this.#found(probe),
        prose`**Nothing is done:** the module is loaded already, so modprobe looks neither at its dependencies nor at its soft dependencies.`,
      ];
    }
    if (blacklistedBy !== undefined) {
      return [
        title,
        this.#found(probe),
        prose`**Nothing is loaded:** the module is blacklisted by ${this.#line(blacklistedBy)}, and it was found by an alias. modprobe says nothing and succeeds.`,
      ];
    }
    if (steps.some(({ cause, kind }) => cause.kind === 'asked' && kind === 'builtin')) {
      return [title, this.#found(probe), prose`**Nothing is done:** the module is built into the kernel.`];
    }
    const list = steps.map((step, index) => prose`${index + 1}. ${this.#step(step)}`);
    return [title, this.#found(probe), joinMarkdown(list, '\n')];
  }

  /** What the blacklist stops here, and what it does not. */
  blacklist(): Inline[] {
    const { lookup, plan } = this.system;
    const modules = new Map(
      plan.probes.flatMap(({ steps }) => steps.map((step): [string, Step] => [step.module, step])),
    );
    const passed = [...modules.values()].flatMap((step) => {
      const entry = lookup.blacklistOf(step.module);
      return entry === undefined ? [] : [prose`- ${this.#notStopped(step, entry)}`];
    });
    const stopped = plan.probes.flatMap(({ found, blacklistedBy }) =>
      blacklistedBy === undefined
        ? []
        : [
            prose`- **${found.name}** is stopped by ${this.#line(blacklistedBy)}. ${code(`modprobe ${found.name}`)} would load it.`,
          ],
    );
    const told = [...stopped, ...passed];
    return [
      prose`## The blacklist`,
      told.length === 0 ? 'No blacklist line is about a module of these steps.' : joinMarkdown(told, '\n'),
      prose`A blacklist line makes modprobe pass over a module that it found by an alias, as the kernel asks for devices. It does not stop a module that is asked for by its name, nor dependencies, nor soft dependencies; an \`install\` line of \`/bin/false\` does, where no softdep line hides it. \`module_blacklist=\` on the kernel command line is the kernel’s own, and stops any load.`,
    ];
  }

  #isLoaded(module: string): boolean {
    return this.system.loaded?.has(module) === true;
  }

  #found({ found: { name, finding } }: Probe): Markdown {
    const asked = code(this.name);
    switch (finding.in) {
      case 'configuration':
        return prose`${asked} is an alias of **${name}**, by ${this.#line(finding.entry)}.`;
      case 'command':
        return prose`${asked} has no module, but a command, by ${this.#line(finding.entry)}.`;
      default:
        return prose`${asked} ${SOURCES[finding.in]}.`;
    }
  }

  #step(step: Step): Markdown {
    const cause = this.#cause(step);
    const because = cause === undefined ? '' : prose` — ${cause}`;
    if (step.kind !== 'builtin' && this.#isLoaded(step.module)) {
      return prose`**${step.module}** is loaded already: passed over${because}`;
    }
    const options = this.#options(step);
    const unused =
      step.install !== undefined && step.kind !== 'install'
        ? [prose`the install line is not used, as a softdep line counts more: ${this.#line(step.install)}`]
        : [];
    const details = [...options, ...unused].map((detail) => prose`\n   - ${detail}`);
    return joinMarkdown([this.#action(step), because, ...details], '');
  }

  #action(step: Step): Markdown {
    const name = step.module;
    switch (step.kind) {
      case 'insmod':
        return prose`Insert **${name}** from ${code(step.path ?? '')}`;
      case 'install':
        return prose`Run a command in place of **${name}**: ${code(step.install?.value ?? '')}, by ${step.install === undefined ? '' : this.#line(step.install)}`;
      case 'builtin':
        return prose`**${name}** is built into the kernel: nothing is done`;
      case 'nothing':
        return prose`**${name}** has no file: modprobe can not insert it`;
    }
  }

  #cause({ cause }: Step): Markdown | undefined {
    switch (cause.kind) {
      case 'asked':
        return undefined;
      case 'dependency':
        return prose`**${cause.of}** depends on it (modules.dep)`;
      case 'softdep':
        return prose`a soft dependency of **${cause.of}**, by ${this.#line(cause.entry)}`;
    }
  }

  #options({ kind, options, optionEntries }: Step): Markdown[] {
    if (optionEntries.length === 0) return [];
    const lines = joinMarkdown(
      optionEntries.map((entry) => this.#line(entry)),
      ', ',
    );
    switch (kind) {
      case 'insmod':
        return [prose`options ${code(options.trim())}, by ${lines}`];
      case 'install':
        return [prose`the options reach the command only where it says \`$CMDLINE_OPTS\`: ${lines}`];
      case 'builtin':
        return [prose`options of what is built in are not given by modprobe: ${lines}`];
      case 'nothing':
        return [prose`there is nothing to give its options to: ${lines}`];
    }
  }

  #notStopped({ module, cause }: Step, entry: ConfigurationEntry): Markdown {
    const name = prose`**${module}** is in ${this.#line(entry)}`;
    switch (cause.kind) {
      case 'asked':
        return prose`${name}, which does not stop it here: it was not found by an alias. \`modprobe -b\` would pass over it.`;
      case 'dependency':
        return prose`${name}, which does not stop it here: it is a dependency of ${cause.of}.`;
      case 'softdep':
        return prose`${name}, which does not stop it here: it is a soft dependency of ${cause.of}.`;
    }
  }

  /** The line's text, and a link to it. */
  #line(entry: ConfigurationEntry): Markdown {
    const { kind, name, value, origin } = entry;
    const place = placeOfEntry(entry);
    if (origin.kind === 'kernel-command-line') {
      const text = kind === 'blacklist' ? `modprobe.blacklist=${name}` : `${name}.${value}`;
      return prose`${code(text)} of ${place}`;
    }
    const text = code(`${kind} ${name} ${value}`.trim());
    const uri = this.system.uriOf(origin.path);
    if (uri === undefined) return prose`${text} (${place})`;
    const line = `${uri}#L${origin.statement.line.firstLine + 1}`;
    return prose`${text} (${commandLink(place, OPEN_LINE, line)})`;
  }
}
