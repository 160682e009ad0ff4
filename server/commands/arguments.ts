import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command line was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** By its name: a bundle that is required later has a class of its own. */
export function isUsageError(error: unknown): boolean {
  return error instanceof Error && error.name === 'UsageError';
}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

interface Config<Options extends OptionsConfig> {
  args: string[];
  options: Options;
  allowPositionals: true;
}

/** @throws UsageError */
export function parse<Options extends OptionsConfig>(
  args: string[],
  options: Options,
): ReturnType<typeof parseArgs<Config<Options>>> {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @throws UsageError */
export function need<T>(things: readonly T[], what: string): readonly [T, ...T[]] {
  const [first, ...others] = things;
  if (first === undefined) throw new UsageError(`${what} is missing`);
  return [first, ...others];
}
