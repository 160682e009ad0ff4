import type { Configuration, ConfigurationEntry } from '../../kmod/config/configuration';
import type { Catalog } from '../catalog/catalog';
import { aliasesOf, isNamed } from './effective';
import { nameKey } from './names';

/** What a name stands for that is an alias. */
interface Meaning {
  /** Without repetition; modprobe inserts the first one first. */
  readonly modules: readonly string[];
  /** The alias lines; none: modules bring the alias. */
  readonly lines: readonly ConfigurationEntry[];
}

/**
 * What modprobe takes a name for, in kmod's order: alias lines, then modules and the lines that replace their
 * loading, then the aliases that modules bring. Never waits to learn whether there is such an alias.
 * @returns undefined: it is no alias, or nothing is known yet
 * @throws CatalogError, the signal's reason
 */
export async function meaningOf(
  name: string,
  configuration: Configuration,
  catalog: Pick<Catalog, 'peek' | 'resolve'>,
  signal: AbortSignal,
): Promise<Meaning | undefined> {
  const lines = aliasesOf(configuration, name);
  if (lines.length > 0) return { modules: unique(lines.map(({ value }) => value)), lines };
  const key = nameKey(name);
  const isCommand = isNamed(configuration, 'install', key) || isNamed(configuration, 'remove', key);
  if (isCommand || !mayBeAlias(name, catalog)) return undefined;
  const modules = unique(await catalog.resolve(name, signal));
  return modules.length === 0 ? undefined : { modules, lines: [] };
}

/** Names with a colon are those of devices: only a look-up tells whether a module has one. */
function mayBeAlias(name: string, catalog: Pick<Catalog, 'peek'>): boolean {
  return name.includes(':') || catalog.peek(name) === 'alias';
}

function unique(modules: readonly string[]): string[] {
  return [...new Set(modules.map(nameKey))];
}
