import { describe, expect, it } from 'vitest';
import { SerialQueue } from '../../../../client/targets/serialQueue';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('SerialQueue', () => {
  it('runs one task at a time, in the order of the calls', async () => {
    const queue = new SerialQueue();
    const seen: string[] = [];
    const task = (name: string) => async (): Promise<void> => {
      seen.push(`${name} begins`);
      await tick();
      seen.push(`${name} ends`);
    };
    await Promise.all([queue.run(task('a')), queue.run(task('b'))]);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('goes on after a task that fails', async () => {
    const queue = new SerialQueue();
    const failed = queue.run(() => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    await expect(queue.run(() => Promise.resolve(1))).resolves.toBe(1);
  });

  it('lets the next one in when a task releases its turn', async () => {
    const queue = new SerialQueue();
    let end: () => void = () => undefined;
    const long = queue.run(async (release) => {
      release();
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    await expect(queue.run(() => Promise.resolve('beside'))).resolves.toBe('beside');
    end();
    await long;
  });

  it('never starts a task that is cancelled while it waits, and keeps the order of the others', async () => {
    const queue = new SerialQueue();
    const cancel = new AbortController();
    const seen: string[] = [];
    let end: () => void = () => undefined;
    const first = queue.run(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    await tick();
    const second = queue.run(() => Promise.resolve(seen.push('second')), cancel.signal);
    const third = queue.run(() => Promise.resolve(seen.push('third')));
    cancel.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect(seen).toEqual([]);
    end();
    await Promise.all([first, third]);
    expect(seen).toEqual(['third']);
  });
});
