import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import type { Reader } from './reader';

/** What reading one input took, and came to. */
export interface Measured {
  /** Of the processor, with all threads of the process: another process's work does not count. */
  readonly milliseconds: number;
  /** By which the process grew at the most. */
  readonly mebibytes: number;
  /** What it threw, and is no refusal. */
  readonly error?: unknown;
}

const MEBIBYTE = 1 << 20;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function measure({ run, refusals = [] }: Reader, input: Buffer): Promise<Measured> {
  resetPeak();
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  let error: unknown;
  let failed = false;
  try {
    await run(input);
    // What it left to do, and nobody waits for.
    await nextTurn();
  } catch (thrown) {
    failed = !refusals.some((refusal) => thrown instanceof refusal);
    error = thrown;
  }
  const { user, system } = process.cpuUsage(start);
  const after = process.memoryUsage();
  const grown = Math.max(
    process.resourceUsage().maxRSS * 1024 - before.rss,
    // What was reserved counts also before it is touched.
    after.external - before.external,
  );
  const measured = { milliseconds: (user + system) / 1000, mebibytes: Math.max(0, grown / MEBIBYTE) };
  return failed ? { ...measured, error } : measured;
}

/** The kernel's mark of the most memory that the process had begins anew (proc(5), clear_refs). */
function resetPeak(): void {
  if (process.resourceUsage().maxRSS * 1024 - process.memoryUsage.rss() < 16 * MEBIBYTE) return;
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere only what goes beyond an earlier peak is seen.
  }
}

/** The best of some runs: what a machine adds to one of them is not there in all. */
export async function best(reader: Reader, input: Buffer, runs = 3): Promise<Measured> {
  let found: Measured | undefined;
  for (let count = 0; count < runs; count++) {
    globalThis.gc?.();
    const next = await measure(reader, input);
    found = {
      milliseconds: Math.min(found?.milliseconds ?? Infinity, next.milliseconds),
      mebibytes: Math.min(found?.mebibytes ?? Infinity, next.mebibytes),
    };
  }
  return found ?? { milliseconds: 0, mebibytes: 0 };
}

/** The functions in which most of the time is spent, the innermost first. */
export async function hottest(reader: Reader, input: Buffer): Promise<string> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  try {
    await reader.run(input);
  } catch {
    // What it throws is told elsewhere.
  }
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  const parents = new Map(
    profile.nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])),
  );
  profile.samples?.forEach((sample, index) => {
    // The nearest function of ours: what the engine does for it is its own.
    let id: number | undefined = sample;
    while (id !== undefined && nodes.get(id)?.callFrame.url === '') id = parents.get(id);
    const frame = id === undefined ? undefined : nodes.get(id)?.callFrame;
    if (frame === undefined || !frame.url.includes('fuzz-worker')) return;
    const name = `${frame.functionName}@${frame.lineNumber}:${frame.columnNumber}`;
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  });
  const [top] = [...times].sort(([, a], [, b]) => b - a);
  return top?.[0] ?? '';
}
