import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SshConnection } from '../../../../client/targets/sshConnection';
import { SshSession } from '../../../../client/targets/sshSession';

const KEEPALIVE_MS = 5000;

/** A connection from which something is heard when the test says so. */
class SilentConnection extends EventEmitter implements SshConnection {
  readonly via = undefined;
  heard: () => void = () => undefined;

  exec(): void {
    // Nothing answers.
  }
  onHeard(listener: () => void): void {
    this.heard = listener;
  }
  end(): void {
    this.emit('close');
  }
  destroy(): void {
    this.emit('close');
  }
}

describe('a target from which nothing is heard', () => {
  let connection: SilentConnection;
  let session: SshSession;
  beforeEach(() => {
    vi.useFakeTimers();
    connection = new SilentConnection();
    session = new SshSession('board', connection, {
      login: 'root@board',
      user: 'root',
      prompts: {
        confirmHostKey: () => Promise.resolve(undefined),
        secret: () => Promise.resolve(undefined),
      },
      log: () => undefined,
      keepaliveMs: KEEPALIVE_MS,
    });
  });
  afterEach(async () => {
    await session.dispose();
    vi.useRealTimers();
  });

  it('is silent after three intervals, and lost after four', () => {
    vi.advanceTimersByTime(3 * KEEPALIVE_MS);
    expect(session.activity.current).toEqual({ kind: 'unresponsive' });
    expect(session.lost.aborted).toBe(false);
    vi.advanceTimersByTime(KEEPALIVE_MS);
    expect(session.lost.aborted).toBe(true);
  });

  it('has all four again when a byte comes', () => {
    vi.advanceTimersByTime(3.9 * KEEPALIVE_MS);
    connection.heard();
    expect(session.activity.current).toEqual({ kind: 'ready' });
    vi.advanceTimersByTime(3 * KEEPALIVE_MS);
    expect(session.lost.aborted).toBe(false);
    vi.advanceTimersByTime(KEEPALIVE_MS);
    expect(session.lost.aborted).toBe(true);
  });
});
