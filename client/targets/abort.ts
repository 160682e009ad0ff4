/** Settles as the promise does, or rejects with the reason of the first signal that aborts. Leaves no listener. */
export function orAborted<T>(promise: Promise<T>, ...signals: (AbortSignal | undefined)[]): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const removals: (() => void)[] = [];
    const settle = (how: () => void): void => {
      for (const remove of removals) {
        remove();
      }
      how();
    };
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: Error) => settle(() => reject(error)),
    );
    for (const signal of signals) {
      if (signal === undefined) {
        continue;
      }
      const abort = (): void => settle(() => reject(signal.reason as Error));
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      removals.push(() => signal.removeEventListener('abort', abort));
    }
  });
}

/** True when the promise settled within `ms`; never rejects. */
export function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const settled = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    promise.then(settled, settled);
  });
}

/** Asks with a signal that aborts when one of `signals` does: the question is then taken back, and the answer void. */
export async function askWhile<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  ...signals: (AbortSignal | undefined)[]
): Promise<T> {
  const question = new AbortController();
  try {
    return await orAborted(ask(question.signal), ...signals);
  } finally {
    question.abort();
  }
}
