import { describe, expect, it } from 'vitest';
import { followKernelLog } from '../../client/kernel/kernelLog';
import type { KernelLogRecord } from '../../client/kernel/kmsg';
import { observe } from '../../client/kernel/observe';
import type { Command } from '../../client/kernel/command';
import type { ToolResult } from '../../client/kernel/commands';
import { never, useScratch } from './scratch';

const scratch = useScratch();

/** Records until one has the text. */
async function recordsUntil(text: string): Promise<KernelLogRecord[]> {
  const records: KernelLogRecord[] = [];
  const seen = new AbortController();
  const onRecord = (record: KernelLogRecord): void => {
    records.push(record);
    if (record.text === text) {
      seen.abort();
    }
  };
  await followKernelLog(scratch.target, { onRecord, signal: seen.signal });
  return records;
}

const shell = (text: string): Command<ToolResult> => {
  const argv = ['sh', '-c', text];
  return { argv, asRoot: true, parse: ({ stderr }) => ({ argv, exitCode: 0, stderr }) };
};

describe('the kernel log', () => {
  it('is followed from the oldest record on, with levels and text as they were written', async () => {
    await scratch.shell(
      `printf '<3>an "error" \\\\ of the däy\\n' > /dev/kmsg; echo '<7>the end' > /dev/kmsg`,
    );

    const records = await recordsUntil('the end');

    expect(records[0]?.text).toMatch(/^Linux version /);
    // The kernel may have something to say of its own meanwhile.
    expect(records.filter(({ facility }) => facility === 1).slice(-2)).toMatchObject([
      { level: 'err', text: 'an "error" \\ of the däy' },
      { level: 'debug', text: 'the end' },
    ]);
    const dmesg = (await scratch.shell(`dmesg | sed '/the end$/q' | wc -l`)).trim();
    expect(records.flatMap(({ text }) => text.split('\n'))).toHaveLength(Number(dmesg));
  });

  it('gives each record once, also when it runs over its reader', async () => {
    const flood = scratch.target.run(
      [
        'sh',
        '-c',
        'i=0; while [ $i -lt 20000 ]; do echo "$i of a flood that is longer than the buffer"; i=$((i+1)); done > /dev/kmsg; echo "over the flood" > /dev/kmsg',
      ],
      { timeoutMs: 120_000 },
    );
    const [records] = await Promise.all([recordsUntil('over the flood'), flood]);

    const sequences = records.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    expect(records.length).toBeGreaterThan(100);
  });

  it('since a mark says when its beginning is lost', async () => {
    const all = await observe(scratch.target, shell('echo one > /dev/kmsg'), {
      what: 'a test',
      withLog: true,
      signal: never,
    });
    expect(all.log).toEqual({ complete: true, lines: [expect.stringContaining('one') as string] });

    const cut = await observe(
      scratch.target,
      shell('i=0; while [ $i -lt 1000 ]; do echo $i > /dev/kmsg; i=$((i+1)); done'),
      { what: 'a test', withLog: true, signal: never },
    );
    expect(cut.log.complete).toBe(false);
    expect(cut.log.lines).toHaveLength(500);
    expect(cut.log.lines.at(-1)).toContain('999');
  });
});
