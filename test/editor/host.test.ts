import { expect, it } from 'vitest';
import { HOST_WORKSPACE } from './host/workspace';
import { runHost } from './runHost';
import { EXTENSION } from './session';

// The suites run while this file is collected: each of their tests is then a test here, with its own result.
const { tests } = await runHost({ files: HOST_WORKSPACE, developmentExtension: EXTENSION });

it('runs the suites in the extension host', () => {
  expect(tests).not.toEqual([]);
});

for (const { title, state, error } of tests) {
  it.skipIf(state === 'skipped')(title, () => {
    if (state === 'failed') {
      throw new Error(error);
    }
  });
}
