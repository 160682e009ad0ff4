import { describe, expect, it } from 'vitest';
import { CommandFailedError } from '../../../../client/kernel/command';
import { followKernelLog, newMark, parseSinceMark, withoutStamp } from '../../../../client/kernel/kernelLog';
import type { RunResult, StreamOptions, Target } from '../../../../client/targets/target';

const BROKEN_PIPE: RunResult = {
  exitCode: 1,
  stdout: Buffer.alloc(0),
  stderr: 'cat: read error: Broken pipe',
};

/** A target whose /dev/kmsg prints these texts, one a time it is opened. */
function targetWith(
  texts: readonly string[],
  onEmpty: () => void = () => undefined,
  end: RunResult = BROKEN_PIPE,
): Target {
  const rest = [...texts];
  return {
    name: 'fake',
    lost: new AbortController().signal,
    run: () => Promise.reject(new Error('not expected')),
    upload: () => Promise.reject(new Error('not expected')),
    stream: (_argv: readonly string[], { onData }: StreamOptions) => {
      const text = rest.shift();
      if (text === undefined) {
        onEmpty();
        return Promise.resolve(undefined);
      }
      onData(Buffer.from(text));
      return Promise.resolve(end);
    },
    dispose: () => Promise.resolve(),
  };
}

describe('the kernel log', () => {
  it('that ran over its reader is opened again, and gives each record once', async () => {
    const stop = new AbortController();
    const target = targetWith(['6,1,1,-;a\n6,2,1,-;b\n', '6,2,1,-;b\n6,9,1,-;c\n'], () => stop.abort());
    const texts: string[] = [];

    await followKernelLog(target, { onRecord: ({ text }) => texts.push(text), signal: stop.signal });

    expect(texts).toEqual(['a', 'b', 'c']);
  });

  it('that can not be read is told, not tried for ever', async () => {
    const follow = followKernelLog(
      targetWith([''], undefined, { ...BROKEN_PIPE, stderr: 'Permission denied' }),
      {
        onRecord: () => undefined,
        signal: new AbortController().signal,
      },
    );

    await expect(follow).rejects.toBeInstanceOf(CommandFailedError);
  });
});

describe('a mark', () => {
  it('is unlike any other, and one plain line whatever it is about', () => {
    const mark = newMark('insmod a\nb $(x) ü');
    expect(mark.line).toBe(`${mark.token} insmod a?b $(x) ?`);
    expect(mark.token).not.toBe(newMark('insmod').token);
  });

  it('is not part of what came after it', () => {
    const mark = newMark('x');
    expect(parseSinceMark(`[ 1.0] ${mark.line}\n[ 1.1] one\n[ 1.2] two\n`, mark)).toEqual({
      lines: ['[ 1.1] one', '[ 1.2] two'],
      complete: true,
    });
    expect(parseSinceMark('[ 1.1] one\n', mark)).toEqual({ lines: ['[ 1.1] one'], complete: false });
    expect(parseSinceMark('', mark)).toEqual({ lines: [], complete: false });
  });
});

describe('a line of dmesg', () => {
  it.each([
    ['[    4.674917] hello: x', 'hello: x'],
    ['<6>[12345.000001] hello: x', 'hello: x'],
    ['hello: [ 1.0] x', 'hello: [ 1.0] x'],
  ])('%j without its stamp is %j', (line, text) => {
    expect(withoutStamp(line)).toBe(text);
  });
});
