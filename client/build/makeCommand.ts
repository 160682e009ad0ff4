import { isAbsolute } from 'node:path';
import { BuildError } from './buildError';

export interface BuildRequest {
  /** The directory with the Kbuild file; absolute. */
  readonly directory: string;
  /** For `make -C`; absolute. */
  readonly kernelDirectory: string;
  readonly target: 'modules' | 'clean';
  readonly arch?: string | undefined;
  /** The prefix of the tool chain, with its last dash. */
  readonly crossCompile?: string | undefined;
  readonly llvm?: boolean | undefined;
  /** More variables, for example { W: "1" }. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** How many commands make runs at once. */
  readonly jobs?: number | undefined;
}

/** Characters that make, or the shell commands that Kbuild makes of a path, read as something else. */
const UNBUILDABLE = /[\s:$#%\\'"`;&|<>()*?[\]{}~!^]/;

/**
 * The command line of a module build (Linux: Documentation/kbuild/modules.rst), as words.
 * @throws BuildError for what Kbuild can not take
 */
export function makeCommand(request: BuildRequest): readonly string[] {
  const { directory, kernelDirectory, target, arch, crossCompile, llvm, variables, jobs } = request;
  checkPath(directory, 'The directory of the module');
  checkPath(kernelDirectory, 'The kernel build directory');
  const words = [
    ...(arch === undefined ? [] : [variable('ARCH', arch)]),
    ...(crossCompile === undefined ? [] : [variable('CROSS_COMPILE', crossCompile)]),
    ...(llvm === true ? ['LLVM=1'] : []),
    ...Object.entries(variables ?? {}).map(([name, value]) => variable(name, value)),
  ];
  return [
    'make',
    ...(jobs === undefined ? [] : [`-j${jobs}`]),
    ...['-C', kernelDirectory, `M=${directory}`],
    ...words,
    target,
  ];
}

function checkPath(path: string, what: string): void {
  if (!isAbsolute(path)) {
    throw new BuildError(`${what} is not an absolute path: ${JSON.stringify(path)}.`);
  }
  const [bad] = UNBUILDABLE.exec(path) ?? [];
  if (bad !== undefined) {
    const character = bad === ' ' ? 'a space' : /\s/.test(bad) ? 'white space' : `"${bad}"`;
    throw new BuildError(
      `${what} has ${character} in its path: ${JSON.stringify(path)}. make and Kbuild can not build there; move or rename it.`,
    );
  }
}

function variable(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new BuildError(`${JSON.stringify(name)} can not be a variable of make.`);
  }
  if (/[\0\r\n]/.test(value)) {
    throw new BuildError(`The variable ${name} of make holds a line end: ${JSON.stringify(value)}.`);
  }
  return `${name}=${value}`;
}
