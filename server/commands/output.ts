import { describeError } from '../systemError';

const NAME = 'kmod-language-server';

/** The exit code by which shells know a process that SIGPIPE ended; Node takes that signal for itself. */
const ENDED_BY_SIGPIPE = 128 + 13;

/** Tells a person what went wrong. */
export function tell(problem: unknown): void {
  writeError(`${NAME}: ${describeError(problem)}\n`);
}

/** Writes to stderr. */
export function writeError(text: string | Uint8Array): void {
  if (text.length === 0) return;
  // Where nobody is there to read what went wrong.
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined);
  process.stderr.write(text);
}

/**
 * Writes to stdout, and waits until whoever reads it has it all. Where nobody reads any more (`config | head -1`)
 * the process ends without a word, as others do. @throws Error of the file system
 */
export async function writeOutput(output: string | Uint8Array): Promise<void> {
  if (output.length === 0) return;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(ENDED_BY_SIGPIPE);
      reject(new Error(`cannot write the output: ${error.message}`));
    };
    process.stdout.once('error', fail);
    process.stdout.write(output, (error) => {
      if (error) return fail(error);
      process.stdout.off('error', fail);
      resolve();
    });
  });
}
