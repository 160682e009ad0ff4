import { afterAll, afterEach, beforeAll } from 'vitest';
import { openSession, type Session, type SessionOptions } from './session';
import { Workbench } from './workbench';

/** One workbench for the tests of a file; a test that fails leaves a screenshot of it. */
export function useWorkbench(options: SessionOptions): () => Workbench {
  let session: Session | undefined;
  let workbench: Workbench | undefined;
  const opened = (): Workbench => {
    if (workbench === undefined) {
      throw new Error('The workbench is not open');
    }
    return workbench;
  };

  beforeAll(async () => {
    session = await openSession(options);
    workbench = await Workbench.ready(session);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      await opened().screenshot(`failed ${task.name}`);
    }
  });
  afterAll(() => session?.close());
  return opened;
}
