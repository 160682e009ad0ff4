import { entriesOfKind, type Configuration, type ConfigurationEntry, type EntryKind } from './configuration';
import { parseSoftDependencies, weakDependencies } from './dependencies';

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
    case 'softdep':
      return dumpSoftDependencies(value);
    case 'weakdep':
      return weakDependencies(value).join(' ');
    default:
      return value;
  }
}

/**
 * softdep_to_char() writes no blank between the two lists, and takes all that was stored between the first and the
 * last module of a list for a part of it: after `pre: a post: b pre: c`, b is in both.
 */
export function dumpSoftDependencies(text: string): string {
  const words = parseSoftDependencies({ text, index: 0 });
  const stored = words.filter(({ role }) => role === 'pre' || role === 'post');
  const list = (role: 'pre' | 'post'): string => {
    const first = stored.findIndex((word) => word.role === role);
    const last = stored.findLastIndex((word) => word.role === role);
    const names = stored.slice(first, last + 1).map((word) => word.text);
    return first < 0 ? '' : `${role}: ${names.join(' ')}`;
  };
  return list('pre') + list('post');
}
