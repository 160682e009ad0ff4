import type { BuildProblem } from './buildOutput';

/** A build failed, or could not begin; then `problems` is empty. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  constructor(
    message: string,
    readonly problems: readonly BuildProblem[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
