import * as vscode from 'vscode';
import { plainSentence } from '../views/format';

/** What a cancelled operation rejects with. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('Cancelled');
  }
}

/** The editor's token as an AbortSignal; our own code cancels with signals only. */
function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) {
    controller.abort(new CancelledError());
  }
  token.onCancellationRequested(() => controller.abort(new CancelledError()));
  return controller.signal;
}

export interface Progress {
  readonly signal: AbortSignal;
  /** Says which step runs: "Loading hello on scratch: uploading (6.7 KB)". */
  readonly report: (step: string) => void;
}

/** Runs long work under a cancellable progress notification. */
export function withProgress<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
  return Promise.resolve(
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: plainSentence(title), cancellable: true },
      (progress, token) =>
        work({
          signal: signalOf(token),
          report: (step) => progress.report({ message: plainSentence(step) }),
        }),
    ),
  );
}

/** What takes longer than this shows that it goes on. Milliseconds. */
const LATE = 400;

/** As withProgress, but what is soon done shows nothing. */
export async function withLateProgress<T>(
  title: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const done = work(controller.signal);
  const late = setTimeout(() => {
    void withProgress(title, ({ signal }) => {
      signal.addEventListener('abort', () => controller.abort(signal.reason));
      return done.catch(() => undefined);
    });
  }, LATE);
  try {
    return await done;
  } finally {
    clearTimeout(late);
  }
}
