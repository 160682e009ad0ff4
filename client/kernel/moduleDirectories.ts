import type { ModuleTree } from '../../kmod/tree/moduleTree';

/** A directory of modules, as modules.dep names it; a chain of directories with nothing else in them is one. */
export interface ModuleDirectory {
  /** "drivers/net" in "kernel": what is below its parent. */
  readonly label: string;
  /** "kernel/drivers/net": relative to /lib/modules/RELEASE, or absolute. */
  readonly path: string;
  readonly directories: readonly ModuleDirectory[];
  /** The names of the modules in it, in order. */
  readonly modules: readonly string[];
  /** How many modules are in it, and below. */
  readonly count: number;
}

interface Draft {
  readonly directories: Map<string, Draft>;
  readonly modules: string[];
}

/** No kernel comes near; a target may say anything. */
const MAX_DEPTH = 32;

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

/** The directories of the modules that have a file: kernel, updates, extra, … */
export function directoriesOf(tree: ModuleTree): ModuleDirectory[] {
  return grouped(tree.names, (name) => tree.path(name));
}

/** The directories that the modules of the kernel image would have; those without one stand in "other". */
export function builtinDirectoriesOf(tree: ModuleTree): ModuleDirectory[] {
  return grouped(tree.builtinNames, (name) => tree.builtinPath(name) ?? `other/${name}`);
}

function grouped(names: readonly string[], pathOf: (name: string) => string | undefined): ModuleDirectory[] {
  const root: Draft = { directories: new Map(), modules: [] };
  for (const name of names) {
    const parts = (pathOf(name) ?? name).split('/');
    let draft = root;
    // A path that is absolute begins with a directory without a name.
    for (const part of parts.slice(0, -1).slice(0, MAX_DEPTH)) {
      const known = draft.directories.get(part) ?? { directories: new Map(), modules: [] };
      draft.directories.set(part, known);
      draft = known;
    }
    draft.modules.push(name);
  }
  const top = Array.from(root.directories, ([label, draft]) => finish(label, label, draft));
  const loose = root.modules.length === 0 ? [] : [finish('.', '.', { ...root, directories: new Map() })];
  return [...top, ...loose].sort((a, b) => compare(a.label, b.label));
}

function finish(label: string, path: string, draft: Draft): ModuleDirectory {
  const [only] = draft.directories;
  if (draft.modules.length === 0 && draft.directories.size === 1 && only !== undefined) {
    return finish(`${label}/${only[0]}`, `${path}/${only[0]}`, only[1]);
  }
  const directories = Array.from(draft.directories, ([name, below]) =>
    finish(name, `${path}/${name}`, below),
  ).sort((a, b) => compare(a.label, b.label));
  return {
    label,
    path,
    directories,
    modules: draft.modules.sort(compare),
    count: directories.reduce((sum, { count }) => sum + count, draft.modules.length),
  };
}
