import fc from 'fast-check';
import { afterEach } from 'vitest';

/** Of all that a test file generates; FC_SEED makes it the same again. */
const SEED = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

fc.configureGlobal({ seed: SEED });

// Also where a test ran into its limit, and fast-check told nothing.
afterEach(({ task }) => {
  if (task.result?.state === 'fail') {
    console.error(`FC_SEED=${SEED} makes all that "${task.name}" generates the same again`);
  }
});
