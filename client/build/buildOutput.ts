import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { KbuildModules } from '../../engine/base/kbuildModules';
import { C_SOURCE } from '../../engine/files/limits';
import { readRegularFileSync } from '../../engine/files/regularFile';
import { cutLine } from '../../kmod/text';
import type { KbuildFile } from './kbuildProject';

/** An error or a warning of gcc, clang, the linker, modpost or make. */
export interface BuildProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Absolute; undefined where the message names no file. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

export interface BuildLine {
  /** The line as it is to be shown: a path in front of it is absolute. */
  readonly text: string;
  readonly problem?: BuildProblem;
}

export interface BuildPlace {
  readonly directory: string;
  readonly kernelDirectory: string;
  readonly kbuild: KbuildFile | undefined;
}

const COMPILER = /^([^\s:][^:]*):(\d+):(?:(\d+):)? ((?:fatal )?error|warning|note): (.*)$/;
const ENTERING = /^make(?:\[\d+\])?: Entering directory '(.*)'$/;
const LEAVING = /^make(?:\[\d+\])?: Leaving directory '(.*)'$/;
const MODPOST = /^(ERROR|WARNING|FATAL): modpost: (.*)$/;
const UNDEFINED = /^"([^"]+)" \[(.*?)(?:\.ko)?\] undefined!$/;
const OF_OBJECT = /(?:^| in )(\S+?)(?:\.o|\.ko)?(?:: section mismatch| *$)/;
const MAKE_FAILED = /^make(?:\[\d+\])?: \*\*\* (?!\[)(.*)$/;
const SHELL_FAILED = /^(?:\/bin\/)?sh: (?:line )?(?:\d+: )?(?=.*(?:not found|Permission denied))(.*)$/;

/** What a person reads are the first. */
const MOST_PROBLEMS = 1000;

/** Paths that are looked for in the file system. */
const MOST_LOOKS = 4000;

/** Of make in make. */
const MOST_DIRECTORIES = 32;

/**
 * Reads the output of a build line by line, in the C locale. Paths are resolved against the directory that
 * make said it is in, and where that is not enough (make -j mixes the lines of several), against where the
 * file is.
 */
export class BuildOutput {
  readonly #directories: string[] = [];
  readonly problems: BuildProblem[] = [];
  #looks = 0;

  constructor(private readonly place: BuildPlace) {}

  line(whole: string): BuildLine {
    const text = cutLine(whole);
    if (this.problems.length >= MOST_PROBLEMS) {
      return { text };
    }
    const line = this.#read(text);
    if (line.problem !== undefined) {
      this.problems.push(line.problem);
    }
    return line;
  }

  #read(text: string): BuildLine {
    const entered = ENTERING.exec(text)?.[1];
    if (entered !== undefined) {
      if (this.#directories.length < MOST_DIRECTORIES) {
        this.#directories.push(entered);
      }
      return { text };
    }
    const left = LEAVING.exec(text)?.[1];
    if (left !== undefined) {
      const index = this.#directories.lastIndexOf(left);
      if (index >= 0) {
        this.#directories.splice(index, 1);
      }
      return { text };
    }
    return this.#compiler(text) ?? this.#modpost(text) ?? failedCommand(text) ?? { text };
  }

  #compiler(text: string): BuildLine | undefined {
    const [, path, line, column, kind, message] = COMPILER.exec(text) ?? [];
    if (path === undefined || message === undefined) {
      return undefined;
    }
    const file = this.#absolute(path);
    const shown = { text: file + text.slice(path.length) };
    if (kind === 'note') {
      return shown;
    }
    const severity = kind === 'warning' ? 'warning' : 'error';
    return { ...shown, problem: { severity, message, file, ...position(line, column) } };
  }

  /** modpost sees objects, not sources: its message gets the place in the source that it is about. */
  #modpost(text: string): BuildLine | undefined {
    const [, kind, message] = MODPOST.exec(text) ?? [];
    if (message === undefined) {
      return undefined;
    }
    const severity = kind === 'WARNING' ? 'warning' : 'error';
    const [, symbol, module] = UNDEFINED.exec(message) ?? [];
    const at =
      symbol === undefined || module === undefined
        ? this.#sourceOf(OF_OBJECT.exec(message)?.[1])
        : (this.#use(symbol, module) ?? this.#sourceOf(module));
    const told = symbol === undefined ? message : `"${symbol}" is undefined: no module or kernel exports it`;
    if (at === undefined) {
      return { text, problem: { severity, message: told } };
    }
    return {
      text: `${at.file}:${at.line}:${at.column}: ${severity}: ${told} (modpost)`,
      problem: { severity, message: told, ...at },
    };
  }

  /** Where a module's sources first use a symbol. */
  #use(symbol: string, module: string): Place | undefined {
    const word = new RegExp(`(?<![\\w"])${symbol.replace(/[^\w]/g, '\\$&')}\\b`);
    const places = this.#sources(module).flatMap((file) => {
      const lines = withoutComments(textOf(file)).split('\n');
      return lines.flatMap((line, index) => {
        const column = line.search(word) + 1;
        return column === 0 ? [] : [{ file, line: index + 1, column, declares: /^\s*extern\b/.test(line) }];
      });
    });
    const found = places.find(({ declares }) => !declares) ?? places[0];
    return found === undefined ? undefined : { file: found.file, line: found.line, column: found.column };
  }

  #sourceOf(module: string | undefined): Place | undefined {
    const file = (module === undefined ? undefined : this.#sources(module)[0]) ?? this.place.kbuild?.path;
    return file === undefined ? undefined : { file, line: 1, column: 1 };
  }

  #sources(module: string): string[] {
    const base = this.#absolute(module).replace(/\.(ko|o)$/, '');
    const name = base.slice(base.lastIndexOf('/') + 1);
    const { kbuild, directory } = this.place;
    const listed = kbuild === undefined ? [] : new KbuildModules().of(kbuild.path, kbuild.text);
    const objects = listed.find((one) => one.name === name)?.objects ?? [`${name}.o`];
    const home = isAbsolute(base) ? dirname(base) : directory;
    return objects
      .flatMap((object) => ['.c', '.S', '.rs'].map((suffix) => join(home, object.replace(/\.o$/, suffix))))
      .filter((file) => existsSync(file));
  }

  #absolute(path: string): string {
    if (this.#looks >= MOST_LOOKS) {
      return resolve(this.place.directory, path);
    }
    this.#looks += 1;
    const current = this.#directories.toReversed();
    const bases = [...current, this.place.directory, this.place.kernelDirectory];
    const candidates = bases.map((base) => resolve(base, path));
    return candidates.find((candidate) => existsSync(candidate)) ?? candidates[0] ?? path;
  }
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function position(line: string | undefined, column: string | undefined): { line?: number; column?: number } {
  return {
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
}

/** A command that is missing, or a rule: errors without a place. */
function failedCommand(text: string): BuildLine | undefined {
  const message = MAKE_FAILED.exec(text)?.[1] ?? SHELL_FAILED.exec(text)?.[1];
  return message === undefined ? undefined : { text, problem: { severity: 'error', message } };
}

/** Nothing where it cannot be read: a message without a place is a message. */
function textOf(file: string): string {
  try {
    return readRegularFileSync(file, C_SOURCE).toString('utf8');
  } catch {
    return '';
  }
}

/** Comments blanked out, lines and columns kept. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[^]*?(?:\*\/|$)|\/\/.*/g, (comment) => comment.replace(/[^\n]/g, ' '));
}
