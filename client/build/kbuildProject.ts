import { access, readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';

/** A module that a Kbuild file makes. */
export interface KbuildModule {
  /** As in NAME.ko. */
  readonly name: string;
  /** The objects it is linked from, for example ["main.o", "util.o"]; its own one when there is no list. */
  readonly objects: readonly string[];
}

export interface KbuildFile {
  readonly path: string;
  readonly text: string;
}

/** Kbuild reads "Kbuild", and "Makefile" where there is none (Linux: Documentation/kbuild/modules.rst). */
const FILE_NAMES = ['Kbuild', 'Makefile'];

/** The file of a directory that says what modules are built there; undefined: it is no module build directory. */
export async function readKbuildFile(directory: string): Promise<KbuildFile | undefined> {
  for (const name of FILE_NAMES) {
    const path = join(directory, name);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined && /^[ \t]*obj-(m|\$[({]\w+[)}])[ \t]*[+:]?=/m.test(text)) {
      return { path, text };
    }
  }
  return undefined;
}

/** True for a directory whose Kbuild file or Makefile names modules to build. */
export async function isBuildDirectory(directory: string): Promise<boolean> {
  return (await readKbuildFile(directory)) !== undefined;
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
      .filter(([name]) => pattern.test(name))
      .flatMap(([, value]) => expand(value).split(/\s+/))
      .filter((word) => word.endsWith('.o'));
  const names = new Set(wordsOf(/^obj-(m|\$[({]\w+[)}])$/).map((word) => word.slice(0, -2)));
  return [...names].map((name) => {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const objects = wordsOf(new RegExp(`^${escaped}-(objs|y|m|objs-y|\\$[({]\\w+[)}])$`));
    return { name, objects: objects.length === 0 ? [`${name}.o`] : objects };
  });
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

/**
 * The .ko files that the last build of a directory made, in Kbuild's order, absolute: what modules.order
 * lists (as .o since Linux 6.4, relative to the directory since 6.13).
 */
export async function builtModules(directory: string): Promise<string[]> {
  const order = await readFile(join(directory, 'modules.order'), 'utf8').catch(() => '');
  const files = order
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\.o$/, '.ko'))
    .map((path) => (isAbsolute(path) ? path : resolve(directory, path)));
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}
