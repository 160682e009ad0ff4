import { isAbsolute } from 'node:path';
import { isArchitecture, MACHINES, type Architecture } from './scratch/architecture';

/** What a target's setting says of builds for it; it goes before the settings of the workspace. */
export interface TargetBuild {
  /** For `make -C`. */
  readonly kernelDirectory?: string;
  /** ARCH */
  readonly arch?: string;
  /** CROSS_COMPILE */
  readonly crossCompile?: string;
}

/** Where a serial console is: a device of this machine, or a terminal server's TCP port. */
export type SerialPlace =
  { readonly device: string; readonly baudRate?: number } | { readonly host: string; readonly port: number };

interface AnyTargetDefinition {
  /** Unique among the targets; what views show. */
  readonly name: string;
  readonly build?: TargetBuild;
}

/** A target reached over SSH, as the setting `kmod.targets` tells it; ~/.ssh/config fills what is left out. */
export interface SshTargetDefinition extends AnyTargetDefinition {
  readonly kind: 'ssh';
  /** A host name, an address, or a Host of ~/.ssh/config. */
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  /** A private key file; `~/` is the home directory. */
  readonly identityFile?: string;
  /** Its host key is not checked: a board that is flashed often has a new one each time. */
  readonly ephemeralHostKey?: boolean;
  readonly serialConsole?: SerialPlace;
}

/** A throw-away kernel in QEMU; what is left out is the distribution's. */
interface ScratchTargetDefinition extends AnyTargetDefinition {
  readonly kind: 'scratch';
  readonly architecture?: Architecture;
  readonly kernelImage?: string;
  readonly modulesDirectory?: string;
  readonly rootDirectory?: string;
  /** MiB. */
  readonly memory?: number;
  readonly cpus?: number;
  /** Added to the kernel's command line. */
  readonly kernelArguments?: readonly string[];
  /** Added to QEMU's. */
  readonly qemuArguments?: readonly string[];
}

/** The kernel of the machine where the extension runs. */
interface LocalTargetDefinition extends AnyTargetDefinition {
  readonly kind: 'local';
}

export type TargetDefinition = SshTargetDefinition | ScratchTargetDefinition | LocalTargetDefinition;

/** The name of the target that needs no configuration. */
export const SCRATCH = 'scratch';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The targets of the setting; an entry that can not be used is told in `problems`, never dropped in silence. */
export function readTargets(value: unknown): { definitions: TargetDefinition[]; problems: string[] } {
  const definitions: TargetDefinition[] = [];
  const problems: string[] = [];
  if (!Array.isArray(value)) {
    return { definitions, problems: ['kmod.targets is not a list'] };
  }
  value.forEach((entry: unknown, index) => {
    const fields = new Fields(isRecord(entry) ? entry : {});
    const definition = readTarget(fields);
    const taken = definition !== undefined && definitions.some(({ name }) => name === definition.name);
    const problem =
      fields.problem ?? (taken ? `the name ${definition.name} is taken by another target` : undefined);
    if (problem !== undefined || definition === undefined) {
      problems.push(`kmod.targets, entry ${index + 1}: ${problem ?? 'a target needs a name and a host'}`);
    } else {
      definitions.push(definition);
    }
  });
  return { definitions, problems };
}

/** Undefined: it lacks what a target needs. */
function readTarget(fields: Fields): TargetDefinition | undefined {
  const name = fields.text('name');
  const kind = fields.oneOf('kind', ['ssh', 'scratch', 'local'] as const) ?? 'ssh';
  const build = readBuild(fields.record('build'));
  if (name === undefined) {
    fields.tell('a target needs a name');
    return undefined;
  }
  if (kind === 'scratch') {
    const architecture = fields.text('architecture');
    if (architecture !== undefined && !isArchitecture(architecture)) {
      fields.tell(`architecture is none of ${Object.keys(MACHINES).join(', ')}`);
      return undefined;
    }
    return defined({
      kind,
      name,
      architecture,
      kernelImage: fields.path('kernelImage'),
      modulesDirectory: fields.path('modulesDirectory'),
      rootDirectory: fields.path('rootDirectory'),
      memory: fields.integer('memory', 64, 1 << 20),
      cpus: fields.integer('cpus', 1, 255),
      kernelArguments: fields.texts('kernelArguments'),
      qemuArguments: fields.texts('qemuArguments'),
      build,
    });
  }
  if (name === SCRATCH) {
    fields.tell(`the name ${SCRATCH} is taken by the scratch kernel`);
  }
  if (kind === 'local') {
    return defined({ kind, name, build });
  }
  const host = fields.text('host');
  return host === undefined
    ? undefined
    : defined({
        kind,
        name,
        host,
        port: fields.integer('port', 1, 65535),
        user: fields.text('user'),
        identityFile: fields.path('identityFile'),
        ephemeralHostKey: fields.boolean('ephemeralHostKey') === true ? true : undefined,
        serialConsole: readSerialPlace(fields.record('serialConsole')),
        build,
      });
}

function readSerialPlace(fields: Fields | undefined): SerialPlace | undefined {
  if (fields === undefined) {
    return undefined;
  }
  const device = fields.text('device');
  if (device !== undefined) {
    return device.startsWith('/')
      ? defined({ device, baudRate: fields.integer('baudRate', 50, 4_000_000) })
      : fields.tell('device of serialConsole is no absolute path');
  }
  const host = fields.text('host');
  const port = fields.integer('port', 1, 65535);
  return host === undefined || port === undefined
    ? fields.tell('serialConsole needs a device, or a host and a port')
    : { host, port };
}

function readBuild(fields: Fields | undefined): TargetBuild | undefined {
  return fields === undefined
    ? undefined
    : defined({
        kernelDirectory: fields.path('kernelDirectory'),
        arch: fields.text('arch'),
        crossCompile: fields.text('crossCompile'),
      });
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the keys that have no value. */
function defined<const T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Reads an entry of a setting, which a person wrote; the first thing that can not be meant is the problem. */
class Fields {
  constructor(
    private readonly entry: Readonly<Record<string, unknown>>,
    private readonly problems: string[] = [],
  ) {}

  get problem(): string | undefined {
    return this.problems[0];
  }

  tell(problem: string): undefined {
    this.problems.push(problem);
    return undefined;
  }

  text(key: string): string | undefined {
    const value = this.entry[key];
    if (value !== undefined && typeof value !== 'string') {
      return this.tell(`${key} is no text`);
    }
    if (value !== undefined && /\p{Cc}/u.test(value)) {
      return this.tell(`${key} has a control character in it`);
    }
    return value === undefined || value.trim() === '' ? undefined : value.trim();
  }

  /** Absolute, or from a home directory; ssh also knows %d. */
  path(key: string): string | undefined {
    const value = this.text(key);
    return value === undefined || isAbsolute(value) || /^(~|%d)/.test(value)
      ? value
      : this.tell(`${key} is no absolute path`);
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.entry[key];
    if (value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'))) {
      return value;
    }
    return this.tell(`${key} is not a list of texts, one for each argument`);
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
    const value = this.entry[key];
    const found = values.find((one) => one === value);
    return value === undefined || found !== undefined
      ? found
      : this.tell(`${key} is none of ${values.join(', ')}`);
  }

  integer(key: string, least: number, most: number): number | undefined {
    const value = this.entry[key];
    if (value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) {
      return value === undefined ? undefined : Number(value);
    }
    return this.tell(`${key} is not a number from ${least} to ${most}`);
  }

  boolean(key: string): boolean | undefined {
    const value = this.entry[key];
    return value === undefined || typeof value === 'boolean'
      ? value
      : this.tell(`${key} is neither true nor false`);
  }

  record(key: string): Fields | undefined {
    const value = this.entry[key];
    if (value === undefined || isRecord(value)) {
      return value === undefined ? undefined : new Fields(value, this.problems);
    }
    return this.tell(`${key} is not an object`);
  }
}
