import { LSPErrorCodes, ResponseError, type CancellationToken } from 'vscode-languageserver';
import { CatalogError, type Logger } from './catalog/catalog';

/**
 * Runs the work of one request. A cancelled request is answered as cancelled; a failure is logged and
 * answered with the fallback, so that the editor goes on without this answer.
 * @throws ResponseError RequestCancelled
 */
export async function runSafe<T>(
  logger: Logger,
  request: string,
  token: CancellationToken,
  fallback: T,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  try {
    controller.signal.throwIfAborted();
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted)
      throw new ResponseError(LSPErrorCodes.RequestCancelled, `${request}: cancelled`);
    // What the editor is to tell its user.
    if (error instanceof ResponseError) throw error;
    // A source that cannot be read is told in one line; anything else is a mistake of ours, and its place counts.
    const told = error instanceof Error && !(error instanceof CatalogError) ? error.stack : error;
    logger.error(`${request}: ${String(told)}`);
    return fallback;
  } finally {
    subscription.dispose();
  }
}

/** Lets work go on that nobody waits for. */
export function inBackground(logger: Logger, what: string, work: Promise<void>): void {
  work.catch((error: unknown) => logger.error(`${what}: ${String(error)}`));
}
