import { entriesOfKind, type Configuration, type ConfigurationEntry, type EntryKind } from './configuration';
import { softDependencies, weakDependencies } from './dependencies';

/** show_config() in tools/modprobe.c. */
const DUMP_ORDER: readonly EntryKind[] = [
  'blacklist',
  'install',
  'remove',
  'alias',
  'options',
  'softdep',
  'weakdep',
];

/** What `modprobe -c` prints in front of "# End of configuration files", the empty line included. */
export function dumpConfiguration(configuration: Configuration): string {
  const lines = DUMP_ORDER.flatMap((kind) => entriesOfKind(configuration, kind)).map(dumpEntry);
  return `${lines.map((line) => `${line}\n`).join('')}\n`;
}

/** An entry as `modprobe -c` prints it. */
function dumpEntry({ kind, name, value }: ConfigurationEntry): string {
  return kind === 'blacklist' ? `${kind} ${name}` : `${kind} ${name} ${dumpValue(kind, value)}`;
}

function dumpValue(kind: EntryKind, value: string): string {
  switch (kind) {
    case 'softdep': {
      // softdep_to_char() writes no blank between the two lists.
      const { pre, post } = softDependencies(value);
      const list = (marker: string, names: string[]) =>
        names.length === 0 ? '' : `${marker}: ${names.join(' ')}`;
      return list('pre', pre) + list('post', post);
    }
    case 'weakdep':
      return weakDependencies(value).join(' ');
    default:
      return value;
  }
}
