/**
 * npm run fuzz: looks for inputs that hurt. `--seconds N` in all (600 unless given), `--reader NAME` (may be repeated; all
 * unless given), `--seed N` (random unless given), `--inputs N` of each reader beside its recipes (as many as there is time for,
 * unless given), `--input FILE` reads that one file with the reader.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { bundleWorker, fuzzReader, readInput, type ReaderResult } from './fuzz';
import { READERS } from './readers';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '600' },
      inputs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      reader: { type: 'string', multiple: true },
      input: { type: 'string' },
    },
  });
  const wanted = READERS.filter(({ name }) => values.reader?.includes(name) ?? true);
  if (wanted.length === 0) {
    console.error(`No such reader. There are ${READERS.map(({ name }) => name).join(', ')}.`);
    return 2;
  }
  await bundleWorker();
  if (values.input !== undefined) {
    const found = wanted[0] && (await readInput(wanted[0], values.input));
    console.log(found ?? 'It is read within the limits.');
    return found === undefined ? 0 : 1;
  }
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  const results: ReaderResult[] = [];
  const end = performance.now() + Number(values.seconds) * 1000;
  for (const [index, reader] of wanted.entries()) {
    // What one reader leaves of its time is the others'.
    const until = performance.now() + (end - performance.now()) / (wanted.length - index);
    const result = await fuzzReader(reader, {
      seed,
      inputs: Number(values.inputs),
      largest: 256 << 10,
      until,
    });
    results.push(result);
    const { inputs, slowestMs, peakMiB, findings } = result;
    console.log(
      `${reader.name}: ${inputs} inputs, slowest ${slowestMs} ms, peak ${peakMiB} MiB, ${findings.length} findings`,
    );
    for (const { kind, where, message, what, bytes, milliseconds, mebibytes, reproduce } of findings) {
      console.log(
        `  ${kind} ${where}: ${message}; ${bytes} bytes, ${milliseconds} ms, ${mebibytes} MiB; ${what}\n    ${reproduce}`,
      );
    }
  }
  console.table(
    Object.fromEntries(
      results.map(({ reader, findings, ...row }) => [reader, { ...row, findings: findings.length }]),
    ),
  );
  return results.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
