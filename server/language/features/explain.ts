import type { ConfigurationEntry } from '../../../kmod/config/configuration';
import type { ModuleLookup } from '../../../kmod/config/lookup';
import type { ProbePlan } from '../../../kmod/config/probe';
import type { KmodVersion } from '../../../kmod/config/versions';
import type { FoundModule } from '../../catalog/catalog';
import { placeOfEntry } from '../effective';
import { describeOrigin, escapeMarkdown } from '../markdown';

/** What modprobe would do on a system. */
export interface ExplainedSystem {
  readonly origin: FoundModule['origin'];
  /** A connected target, whose configuration is not read. */
  readonly notRead?: FoundModule['origin'];
  readonly lookup: ModuleLookup;
  readonly plan: ProbePlan;
  /** The URI of a file by its path in the configuration. */
  readonly uriOf: (path: string) => string;
}

/** Plans what modprobe would do; nothing is run. */
export interface Probes {
  /** @throws when there is no system to plan for */
  plan(name: string, kmod: KmodVersion): Promise<ExplainedSystem>;
}

type Probe = ProbePlan['probes'][number];
type Step = Probe['steps'][number];

const SOURCES = {
  'modules.dep': 'is a module, by modules.dep',
  'modules.symbols': 'is exported, by modules.symbols',
  'modules.alias': 'is an alias inside of a module, by modules.alias',
  'modules.builtin': 'is built into the kernel, by modules.builtin',
  'modules.builtin.alias': 'is an alias of what is built into the kernel',
} as const;

/** The steps that `modprobe NAME` would take, each with the line that causes it, as a Markdown document. */
export function explain(name: string, system: ExplainedSystem): string {
  const { probes, complaints } = system.plan;
  const { notRead } = system;
  const head = [
    `# modprobe ${escapeMarkdown(name)}`,
    `${describeOrigin(system.origin)}, read by the rules of kmod ${system.lookup.configuration.kmod}. What is loaded already is not looked at: modprobe passes over it.`,
    ...(notRead === undefined
      ? []
      : [`**Not the target:** the configuration of ${escapeMarkdown(notRead.label)} is not read.`]),
  ];
  if (probes.length === 0) {
    return document([
      ...head,
      '**modprobe fails:** no alias line, no module, no install or remove line and no alias of a module has this name.',
    ]);
  }
  const text = new Explanation(name, system);
  return document([
    ...head,
    ...probes.flatMap((probe) => text.probe(probe)),
    ...text.blacklist(),
    ...complaints.map((complaint) => `modprobe says: ${code(complaint.text)}`),
  ]);
}

class Explanation {
  constructor(
    private readonly name: string,
    private readonly system: ExplainedSystem,
  ) {}

  probe(probe: Probe): string[] {
    const { found, blacklistedBy, steps } = probe;
    const title = `## ${escapeMarkdown(found.name)}`;
    if (blacklistedBy !== undefined) {
      return [
        title,
        this.#found(probe),
        `**Nothing is loaded:** the module is blacklisted by ${this.#line(blacklistedBy)}, and it was found by an alias. modprobe says nothing and succeeds.`,
      ];
    }
    const list = steps.map((step, index) => `${index + 1}. ${this.#step(step)}`);
    return [title, this.#found(probe), list.join('\n')];
  }

  /** What the blacklist stops here, and what it does not. */
  blacklist(): string[] {
    const { lookup, plan } = this.system;
    const modules = new Map(
      plan.probes.flatMap(({ steps }) => steps.map((step): [string, Step] => [step.module, step])),
    );
    const passed = [...modules.values()].flatMap((step) => {
      const entry = lookup.blacklistOf(step.module);
      return entry === undefined ? [] : [`- ${this.#notStopped(step, entry)}`];
    });
    const stopped = plan.probes.flatMap(({ found, blacklistedBy }) =>
      blacklistedBy === undefined
        ? []
        : [
            `- **${escapeMarkdown(found.name)}** is stopped by ${this.#line(blacklistedBy)}. \`modprobe ${escapeMarkdown(found.name)}\` would load it.`,
          ],
    );
    const told = [...stopped, ...passed];
    return [
      '## The blacklist',
      told.length === 0 ? 'No blacklist line is about a module of these steps.' : told.join('\n'),
      'A blacklist line makes modprobe pass over a module that it found by an alias, as the kernel asks for devices. It does not stop a module that is asked for by its name, nor dependencies, nor soft dependencies; an `install` line of `/bin/false` does, where no softdep line hides it. `module_blacklist=` on the kernel command line is the kernel’s own, and stops any load.',
    ];
  }

  #found({ found: { name, finding } }: Probe): string {
    const asked = code(this.name);
    switch (finding.in) {
      case 'configuration':
        return `${asked} is an alias of **${escapeMarkdown(name)}**, by ${this.#line(finding.entry)}.`;
      case 'command':
        return `${asked} has no module, but a command, by ${this.#line(finding.entry)}.`;
      default:
        return `${asked} ${SOURCES[finding.in]}.`;
    }
  }

  #step(step: Step): string {
    const because = this.#cause(step);
    const options = this.#options(step);
    const unused =
      step.install !== undefined && step.kind !== 'install'
        ? [`the install line is not used, as a softdep line counts more: ${this.#line(step.install)}`]
        : [];
    const details = [...options, ...unused].map((detail) => `\n   - ${detail}`).join('');
    return `${this.#action(step)}${because === '' ? '' : ` — ${because}`}${details}`;
  }

  #action(step: Step): string {
    const name = escapeMarkdown(step.module);
    switch (step.kind) {
      case 'insmod':
        return `Insert **${name}** from ${code(step.path ?? '')}`;
      case 'install':
        return `Run a command in place of **${name}**: ${code(step.install?.value ?? '')}, by ${step.install === undefined ? '' : this.#line(step.install)}`;
      case 'builtin':
        return `**${name}** is built into the kernel: nothing is done`;
      case 'nothing':
        return `**${name}** has no file: modprobe can not insert it`;
    }
  }

  #cause({ cause }: Step): string {
    switch (cause.kind) {
      case 'asked':
        return '';
      case 'dependency':
        return `**${escapeMarkdown(cause.of)}** depends on it (modules.dep)`;
      case 'softdep':
        return `a soft dependency of **${escapeMarkdown(cause.of)}**, by ${this.#line(cause.entry)}`;
    }
  }

  #options({ kind, options, optionEntries }: Step): string[] {
    if (optionEntries.length === 0) return [];
    const lines = optionEntries.map((entry) => this.#line(entry)).join(', ');
    switch (kind) {
      case 'insmod':
        return [`options ${code(options.trim())}, by ${lines}`];
      case 'install':
        return [`the options reach the command only where it says \`$CMDLINE_OPTS\`: ${lines}`];
      default:
        return [`options of what is built in are not given by modprobe: ${lines}`];
    }
  }

  #notStopped({ module, cause }: Step, entry: ConfigurationEntry): string {
    const name = `**${escapeMarkdown(module)}** is in ${this.#line(entry)}`;
    switch (cause.kind) {
      case 'asked':
        return `${name}, which does not stop it here: it was not found by an alias. \`modprobe -b\` would pass over it.`;
      case 'dependency':
        return `${name}, which does not stop it here: it is a dependency of ${escapeMarkdown(cause.of)}.`;
      case 'softdep':
        return `${name}, which does not stop it here: it is a soft dependency of ${escapeMarkdown(cause.of)}.`;
    }
  }

  /** The line's text, and a link to it. */
  #line(entry: ConfigurationEntry): string {
    const { kind, name, value, origin } = entry;
    const place = escapeMarkdown(placeOfEntry(entry));
    if (origin.kind === 'kernel-command-line') {
      const text = kind === 'blacklist' ? `modprobe.blacklist=${name}` : `${name}.${value}`;
      return `${code(text)} of ${place}`;
    }
    const text = code(`${kind} ${name} ${value}`.trim());
    const uri = this.system.uriOf(origin.path).replace(/[()<>\\]/g, encodeURIComponent);
    return `${text} ([${place}](<${uri}#L${origin.statement.line.firstLine + 1}>))`;
  }
}

/** Text as inline code, with a fence that it can not close. */
function code(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\s]+/gu, ' ');
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return line === '' ? '' : `${fence} ${line} ${fence}`;
}

function document(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
