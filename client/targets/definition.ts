/** A target reached over SSH, as the setting `kmod.targets` tells it; ~/.ssh/config fills what is left out. */
export interface SshTargetDefinition {
  readonly kind: 'ssh';
  /** Unique among the targets; what views show. */
  readonly name: string;
  /** A host name, an address, or a Host of ~/.ssh/config. */
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  /** A private key file; `~/` is the home directory. */
  readonly identityFile?: string;
  /** Its host key is not checked: a board that is flashed often has a new one each time. */
  readonly ephemeralHostKey?: boolean;
}

/** The throw-away kernel in QEMU. */
interface ScratchTargetDefinition {
  readonly kind: 'scratch';
  readonly name: string;
}

export type TargetDefinition = SshTargetDefinition | ScratchTargetDefinition;

/** The name of the target that needs no configuration. */
export const SCRATCH = 'scratch';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

/** The SSH targets of the setting; an entry that can not be used is told in `problems`, never dropped in silence. */
export function readTargets(value: unknown): { definitions: SshTargetDefinition[]; problems: string[] } {
  const definitions: SshTargetDefinition[] = [];
  const problems: string[] = [];
  if (!Array.isArray(value)) {
    return { definitions, problems: ['kmod.targets is not a list'] };
  }
  const names = new Set([SCRATCH]);
  value.forEach((entry: unknown, index) => {
    const where = `kmod.targets, entry ${index + 1}`;
    const name = isRecord(entry) ? text(entry['name']) : undefined;
    const host = isRecord(entry) ? text(entry['host']) : undefined;
    if (!isRecord(entry) || name === undefined || host === undefined) {
      problems.push(`${where}: a target needs a name and a host`);
      return;
    }
    if (names.has(name)) {
      problems.push(`${where}: the name ${name} is taken by another target`);
      return;
    }
    const port = entry['port'];
    if (port !== undefined && !(Number.isInteger(port) && Number(port) > 0 && Number(port) < 65536)) {
      problems.push(`${where}: port is not a number from 1 to 65535`);
      return;
    }
    const ephemeralHostKey = entry['ephemeralHostKey'];
    if (ephemeralHostKey !== undefined && typeof ephemeralHostKey !== 'boolean') {
      problems.push(`${where}: ephemeralHostKey is neither true nor false`);
      return;
    }
    const user = text(entry['user']);
    const identityFile = text(entry['identityFile']);
    names.add(name);
    definitions.push({
      kind: 'ssh',
      name,
      host,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(user === undefined ? {} : { user }),
      ...(identityFile === undefined ? {} : { identityFile }),
      ...(ephemeralHostKey === true ? { ephemeralHostKey } : {}),
    });
  });
  return { definitions, problems };
}
