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
 */
export function modulesOfKbuild(text: string): KbuildModule[] {
  const variables = readAssignments(text);
  const expand = (value: string, depth = 0): string =>
    depth > 8
      ? ''
      : value.replace(/\$[({]([\w.-]+)[)}]/g, (_, name: string) =>
          expand(variables.get(name) ?? '', depth + 1),
        );
  const wordsOf = (pattern: RegExp): string[] =>
    [...variables]
      .filter(([name]) => pattern.test(name) || pattern.test(expand(name)))
      .flatMap(([, value]) => expand(value).split(/\s+/))
      .filter((word) => word.endsWith('.o'));
  const named = (pattern: RegExp) => new Set(wordsOf(pattern).map((word) => word.slice(0, -2)));
  const names = named(/^obj-(m|\$[({]\w+[)}])$/);
  const certain = named(/^obj-m$/);
  return [...names].map((name) => {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const objects = wordsOf(new RegExp(`^${escaped}-(objs|y|m|objs-y|\\$[({]\\w+[)}])$`));
    return {
      name,
      objects: objects.length === 0 ? [`${name}.o`] : objects,
      ...(certain.has(name) ? {} : { conditional: true }),
    };
  });
}

/** A module that an `obj-…` line names, by a place in its `NAME.o`. */
export interface KbuildModuleName {
  readonly module: KbuildModule;
  /** Offsets of the word. */
  readonly start: number;
  readonly end: number;
}

/** The module whose `NAME.o` in an `obj-…` line holds an offset. */
export function kbuildModuleAt(text: string, offset: number): KbuildModuleName | undefined {
  const word = /[^\s=:+\\#]*$/.exec(text.slice(0, offset))?.[0] ?? '';
  const start = offset - word.length;
  const [rest = ''] = /^[^\s=:+\\#]*/.exec(text.slice(offset)) ?? [];
  const end = offset + rest.length;
  const [line = ''] = /(?:[^\n]*\\\n)*[^\n]*$/.exec(text.slice(0, start)) ?? [];
  if (!/^[ \t]*obj-/.test(line) || line.includes('#') || !text.slice(start, end).endsWith('.o')) {
    return undefined;
  }
  const name = text.slice(start, end - 2);
  const module = modulesOfKbuild(text).find((one) => one.name === name);
  return module && { module, start, end };
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
