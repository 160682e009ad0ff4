import { Budget, BudgetError } from './budget';

/** A module that a Kbuild file makes. */
export interface KbuildModule {
  /** As in NAME.ko. */
  readonly name: string;
  /** The objects it is linked from, for example ["main.o", "util.o"]; its own one when there is no list. */
  readonly objects: readonly string[];
  /** Only CONFIG_… says whether it is a module: it may be built into the kernel, or left out. */
  readonly conditional?: true;
}

/** Kbuild reads "Kbuild", and "Makefile" where there is none (Linux: Documentation/kbuild/modules.rst). */
export const KBUILD_FILE_NAMES = ['Kbuild', 'Makefile'];

/** True for the text of a Kbuild file or Makefile that names modules to build. */
export function namesModules(text: string): boolean {
  return /^[ \t]*obj-(m|\$[({]\w+[)}])[ \t]*[+:]?=/m.test(text);
}

/**
 * The modules that a Kbuild file names, whatever CONFIG_… says. Simple variables are followed; what needs
 * make to know is left out.
 * @throws BudgetError when its variables make more text than the Kbuild file of any module.
 */
export function modulesOfKbuild(text: string): KbuildModule[] {
  const variables = new Variables(readAssignments(text));
  const names = new Set<string>();
  const certain = new Set<string>();
  const lists = new Map<string, string[][]>();
  for (const variable of variables.names()) {
    const meant = new Set([variable, variables.expand(variable)]);
    const isCertain = meant.has('obj-m');
    const namesModules = [...meant].some((name) => MODULE_LIST.test(name));
    const owners = new Set([...meant].flatMap(ownersOf));
    if (!namesModules && owners.size === 0) continue;
    const objects = variables
      .valueOf(variable)
      .split(/\s+/)
      .filter((word) => word.endsWith('.o'));
    for (const object of namesModules ? objects : []) {
      const name = object.slice(0, -'.o'.length);
      names.add(name);
      if (isCertain) certain.add(name);
    }
    for (const owner of owners) {
      const known = lists.get(owner);
      if (known === undefined) lists.set(owner, [objects]);
      else known.push(objects);
    }
  }
  return [...names].map((name) => {
    const objects = lists.get(name)?.flat() ?? [];
    return {
      name,
      objects: objects.length === 0 ? [`${name}.o`] : objects,
      ...(certain.has(name) ? {} : { conditional: true }),
    };
  });
}

const MODULE_LIST = /^obj-(m|\$[({]\w+[)}])$/;
const OBJECT_LISTS = [/-(?:objs|y|m|\$[({]\w+[)}])$/, /-objs-y$/];

/** The modules whose objects a variable of this name lists: `NAME-objs`, `NAME-y` and their like. */
function ownersOf(variable: string): string[] {
  return OBJECT_LISTS.flatMap((suffix) => {
    const match = suffix.exec(variable);
    return match === null ? [] : [variable.slice(0, match.index)];
  });
}

/** Characters that all variables of a file may have when they are expanded. The largest of Linux have 0.1 million. */
const MAX_EXPANDED = 4_000_000;
/** Variables in variables. */
const MAX_DEPTH = 100;

/** The variables of a Kbuild file, each expanded once. */
class Variables {
  readonly #expanded = new Map<string, string>();
  readonly #budget = new Budget(
    MAX_EXPANDED,
    `The variables of the Kbuild file make more than ${MAX_EXPANDED} characters.`,
  );

  constructor(private readonly values: ReadonlyMap<string, string>) {}

  names(): Iterable<string> {
    return this.values.keys();
  }

  /** '' for a variable that is not set in the file. @throws BudgetError */
  valueOf(name: string, depth = 0): string {
    const known = this.#expanded.get(name);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) throw new BudgetError(`The variables of the Kbuild file are nested too deeply.`);
    // A variable that holds itself, which make refuses.
    this.#expanded.set(name, '');
    const value = this.expand(this.values.get(name) ?? '', depth);
    this.#expanded.set(name, value);
    return value;
  }

  /** @throws BudgetError */
  expand(text: string, depth = 0): string {
    return text.replace(/\$[({]([\w.-]+)[)}]/g, (_, name: string) => {
      const value = this.valueOf(name, depth + 1);
      this.#budget.spend(value.length + 1);
      return value;
    });
  }
}

/** A module that an `obj-…` line names, by a place in its `NAME.o`. */
export interface KbuildModuleName {
  readonly module: KbuildModule;
  /** Offsets of the word. */
  readonly start: number;
  readonly end: number;
}

/** The module whose `NAME.o` in an `obj-…` line holds an offset. @throws BudgetError as modulesOfKbuild() */
export function kbuildModuleAt(text: string, offset: number): KbuildModuleName | undefined {
  let [start, end] = [offset, offset];
  while (start > 0 && WORD_CHARACTER.test(text.charAt(start - 1))) start--;
  while (end < text.length && WORD_CHARACTER.test(text.charAt(end))) end++;
  if (!text.slice(start, end).endsWith('.o')) return undefined;
  const line = text.slice(startOfLine(text, start), start);
  if (!/^[ \t]*obj-/.test(line) || line.includes('#')) return undefined;
  const name = text.slice(start, end - '.o'.length);
  const module = modulesOfKbuild(text).find((one) => one.name === name);
  return module && { module, start, end };
}

const WORD_CHARACTER = /[^\s=:+\\#]/;

/** Where the line of an offset begins, with those that it continues. */
function startOfLine(text: string, offset: number): number {
  let feed = offset;
  do feed = feed === 0 ? -1 : text.lastIndexOf('\n', feed - 1);
  while (feed > 0 && text[feed - 1] === '\\');
  return feed + 1;
}

/** `name = value` with continuations; a later `:=` replaces, `+=` adds. */
function readAssignments(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  const joined = text.replace(/\\\n/g, ' ').replace(/(^|[^\\])#.*$/gm, '$1');
  for (const [, name, operator, value] of joined.matchAll(
    /^[ \t]*([^\s:=+?#]+)[ \t]*(\+|::?|\?)?=[ \t]*(.*)$/gm,
  )) {
    if (name !== undefined && value !== undefined) {
      variables.set(name, operator === '+' ? `${variables.get(name) ?? ''} ${value}` : value);
    }
  }
  return variables;
}

/** The directories that a Kbuild file adds to the compiler's search for headers, relative to its own. */
export function includesOfKbuild(text: string): string[] {
  const own = /-I\s*\$[({](?:src|obj|M|PWD|CURDIR|srctree[)}]\/\$[({]src)[)}]\/?([\w./-]*)/g;
  return [...text.matchAll(own)].map(([, path]) => (path === undefined || path === '' ? '.' : path));
}
