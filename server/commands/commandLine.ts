import { OptionError, readOptions, type CommandLineOption, type OptionTable } from './getopt';
import type { Answer } from './system';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A command line that was read as modprobe and modinfo read theirs. */
export interface CommandLine {
  readonly options: readonly CommandLineOption[];
  readonly operands: readonly string[];
  readonly has: (means: string) => boolean;
  /** Of the last option with this meaning. */
  readonly argumentOf: (means: string) => string | undefined;
  /** What the C library says. */
  readonly error?: string;
}

/** @throws OptionError never: CommandLine.error tells. */
export function readLine(argv: readonly string[], table: OptionTable, environment: Environment): CommandLine {
  const options: CommandLineOption[] = [];
  const operands: string[] = [];
  let error: string | undefined;
  try {
    const operandsFirst = environment['POSIXLY_CORRECT'] !== undefined;
    for (const word of readOptions(argv, table, operandsFirst)) {
      if (typeof word === 'string') operands.push(word);
      else options.push(word);
    }
  } catch (problem) {
    if (!(problem instanceof OptionError)) throw problem;
    error = problem.message;
  }
  return {
    options,
    operands,
    has: (means) => argumentsOf(options, means).length > 0,
    argumentOf: (means) => argumentsOf(options, means).at(-1),
    ...(error === undefined ? {} : { error }),
  };
}

/** Of all options with this meaning. */
export function argumentsOf(options: readonly CommandLineOption[], means: string): string[] {
  return options.filter((option) => option.means === means).map(({ argument }) => argument);
}

/** What a program says that goes no further. */
export function failure(program: string, text: string): Answer {
  return { exitCode: 1, stdout: '', stderr: `${program}: ${text}\n` };
}
