import type { ModuleInfo } from '../../kmod/modinfo';
import { dependencies } from '../../kmod/preflight';
import type { LoadedModule } from './procModules';

/** What others depend on comes first; modpost has written the dependencies into `depends`. */
export function inLoadOrder<T extends { readonly info: ModuleInfo }>(modules: readonly T[]): T[] {
  const byName = new Map(modules.map((module) => [module.info.name, module]));
  const ordered = new Set<T>();
  const visit = (module: T): void => {
    byName.delete(module.info.name);
    for (const name of dependencies(module.info)) {
      const other = byName.get(name);
      if (other !== undefined) {
        visit(other);
      }
    }
    ordered.add(module);
  };
  for (const module of modules) {
    if (byName.has(module.info.name)) {
      visit(module);
    }
  }
  return [...ordered];
}

/** Of these loaded modules, those that use another come first. */
export function inUnloadOrder(
  loaded: readonly Pick<LoadedModule, 'name' | 'usedBy'>[],
  names: readonly string[],
): string[] {
  const usedBy = new Map(loaded.map((module) => [module.name, module.usedBy]));
  const seen = new Set<string>();
  const ordered: string[] = [];
  const visit = (name: string): void => {
    if (names.includes(name) && !seen.has(name)) {
      // Before its users: what a target says may go in circles.
      seen.add(name);
      usedBy.get(name)?.forEach(visit);
      ordered.push(name);
    }
  };
  names.forEach(visit);
  return ordered;
}
