import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleWorker, fuzzReader } from './fuzz';
import { READERS } from './readers';

/** Chosen anew in each run, but for CI (.ci/run), and told where something is found. */
const SEED = fc.readConfigureGlobal().seed ?? 0;

/** For each reader: about a minute in all on two processors. By hand, for an hour: npm run fuzz. */
const INPUTS = 20;
/** Bytes of a pump: what takes the square of its length shows with these. */
const LARGEST = 16 << 10;

beforeAll(bundleWorker);

describe(`what comes from outside, changed with the seed ${SEED}`, () => {
  it.concurrent.each(READERS.map((reader) => [reader.name, reader] as const))(
    'is read by %s within limits of time and memory, or refused by name',
    async (_name, reader) => {
      const { inputs, findings } = await fuzzReader(reader, { seed: SEED, inputs: INPUTS, largest: LARGEST });
      const told = findings.map(
        ({ kind, where, message, bytes, what, reproduce }) =>
          `${kind} ${where}: ${message} (${bytes} bytes, ${what})\n  ${reproduce}`,
      );
      expect(told.join('\n')).toBe('');
      expect(inputs).toBeGreaterThan(INPUTS / 10);
    },
  );
});
