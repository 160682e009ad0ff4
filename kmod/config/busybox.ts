import type { ModuleTables } from '../tree/moduleTables';
import type { ModuleTree } from '../tree/moduleTree';
import type { Configuration, ConfigurationEntry, EntryKind } from './configuration';
import { blanksAtEnd } from './lines';
import { ModuleLookup } from './lookup';

/**
 * BusyBox's modprobe (modutils/modprobe.c), as 1.35 was seen to behave; builds with CONFIG_MODPROBE_SMALL read no
 * configuration at all, and nothing tells them apart from outside.
 */

/** It is read first, then `*.conf` of /etc/modprobe.d. */
export const BUSYBOX_CONFIGURATION = '/etc/modprobe.conf';
export const BUSYBOX_DIRECTORY = '/etc/modprobe.d';

/** The text that BusyBox reads in the place of kmod's indexes, in /lib/modules/RELEASE. */
export const TEXT_TABLES = ['modules.dep', 'modules.alias', 'modules.symbols', 'modules.builtin'] as const;

const KINDS: readonly EntryKind[] = ['alias', 'blacklist', 'options'];

/** What BusyBox makes of a configuration: the last alias counts first, and most kinds of lines are nothing to it. */
export function busyboxConfiguration(configuration: Configuration): Configuration {
  const entries = configuration.entries
    .filter(({ kind, origin }) => KINDS.includes(kind) && (kind === 'options' || origin.kind === 'file'))
    .map((entry) =>
      entry.origin.kind === 'file' ? { ...entry, value: withoutComment(entry.value) } : entry,
    );
  const aliases = entries.filter(({ kind }) => kind === 'alias').reverse();
  return { ...configuration, entries: [...aliases, ...entries.filter(({ kind }) => kind !== 'alias')] };
}

function withoutComment(value: string): string {
  const hash = value.indexOf('#');
  return hash < 0 ? value : value.slice(0, blanksAtEnd(value.slice(0, hash)));
}

/** To BusyBox, the options of an alias are those of a module that there is not. */
export class BusyboxLookup extends ModuleLookup {
  override optionsOf(name: string): readonly ConfigurationEntry[] {
    return super.optionsOf(name, undefined);
  }
}

/** BusyBox's tables; of the modules with an alias that matches, the last comes first. */
export function busyboxTables(tree: ModuleTree): ModuleTables {
  return {
    line: (name) => tree.line(name),
    aliases: (name) => tree.aliases(name).reverse(),
    symbols: (name) => tree.symbols(name),
    isBuiltin: (name) => tree.isBuiltin(name),
    builtinAliases: () => [],
  };
}
