import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { PROJECT, type SessionOptions } from './session';

export interface TraceEvent {
  readonly pid: number;
  readonly what: 'load' | 'open' | 'connect';
  /** The path of a module or a file, or the stack of a connection. */
  readonly subject: string;
}

/** The development extension that traces, and the environment that tells it where to. */
export const tracing = (file: string): Pick<SessionOptions, 'developmentExtension' | 'env'> => ({
  developmentExtension: join(PROJECT, 'test/editor/tracer'),
  env: { KMOD_TRACE: file },
});

/** Waits until the tracer is at work: what is activated before it is not seen. */
export async function tracerAtWork(file: string): Promise<void> {
  await expect.poll(() => traceSince(file, '/tracer.mjs')).not.toEqual([]);
}

/** What the processes that loaded a module did, from that on. */
export function traceSince(file: string, module: string): TraceEvent[] {
  const events = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as TraceEvent)
    : [];
  const loads = ({ what, subject }: TraceEvent): boolean => what === 'load' && subject.endsWith(module);
  const pids = new Set(events.filter(loads).map(({ pid }) => pid));
  return [...pids].flatMap((pid) => {
    const own = events.filter((event) => event.pid === pid);
    return own.slice(own.findIndex(loads));
  });
}
