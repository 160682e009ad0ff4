import { describe, expect, it } from 'vitest';
import { ConnectError, TargetLostError } from '../../../../client/targets/errors';
import type { Target, TargetFacts } from '../../../../client/targets/target';
import { TargetManager, type OpenTarget } from '../../../../client/targets/targetManager';

const board = { kind: 'ssh', name: 'board', host: '192.168.7.2' } as const;
const facts: TargetFacts = {
  release: '6.1.0',
  machine: 'x86_64',
  bootId: undefined,
  user: 'root',
  root: 'login',
  tools: 'kmod',
  kernel: {},
};

class FakeTarget implements Target {
  readonly lose = new AbortController();
  readonly lost = this.lose.signal;
  disposed = 0;

  constructor(
    readonly name: string,
    readonly bootId?: string,
  ) {}
  run = () => Promise.reject(new Error('not here'));
  upload = () => Promise.reject(new Error('not here'));
  stream = () => Promise.reject(new Error('not here'));
  dispose(): Promise<void> {
    this.disposed += 1;
    return Promise.resolve();
  }
}

/** A manager whose attempts end when the test says so. */
function managed() {
  const opened: {
    readonly name: string;
    readonly signal: AbortSignal;
    readonly step: (text: string) => void;
    readonly succeed: (target: Target) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const open: OpenTarget = ({ name }, { signal, step }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      opened.push({ name, signal, step, succeed: resolve, fail: reject });
    });
  const manager = new TargetManager({
    open,
    probe: (target) => Promise.resolve({ ...facts, bootId: (target as FakeTarget).bootId }),
    delays: [5],
  });
  manager.setDefinitions([board]);
  /** Waits until `open` was called so often. */
  const attempt = async (index: number) => {
    for (;;) {
      const found = opened[index];
      if (found !== undefined) {
        return found;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { manager, opened, attempt };
}

async function connected({ bootId }: { bootId?: string } = {}) {
  const all = managed();
  const target = new FakeTarget('board', bootId);
  const connecting = all.manager.connect('board');
  (await all.attempt(0)).succeed(target);
  await connecting;
  return { ...all, target };
}

describe('TargetManager', () => {
  it('lists the scratch target first, whatever is configured', () => {
    const { manager } = managed();
    expect(manager.definitions.map(({ name }) => name)).toEqual(['scratch', 'board']);
    manager.setDefinitions([]);
    expect(manager.definitions.map(({ name }) => name)).toEqual(['scratch']);
    expect(manager.state('board')).toEqual({ kind: 'disconnected' });
  });

  it('tells the steps of a connection, and then its facts', async () => {
    const { manager, attempt } = managed();
    const states: string[] = [];
    manager.onDidChange(() => {
      const state = manager.state('board');
      states.push(state.kind === 'connecting' ? (state.step ?? 'connecting') : state.kind);
    });
    const connecting = manager.connect('board');
    const { step, succeed } = await attempt(0);
    step('logging in…');
    const target = new FakeTarget('board');
    succeed(target);
    await expect(connecting).resolves.toEqual({
      kind: 'connected',
      target,
      facts,
      activity: { kind: 'ready' },
    });
    expect(states).toEqual(['connecting', 'logging in…', 'reading what the target is…', 'connected']);
    expect(manager.state('board')).toMatchObject({ kind: 'connected', target, facts });
  });

  it('heeds no step that is told after the connection stands', async () => {
    const { manager, opened } = await connected();
    opened[0]?.step('late');
    expect(manager.state('board').kind).toBe('connected');
  });

  it('shares one attempt among those who connect at the same time, and one connection after', async () => {
    const { manager, opened, attempt } = managed();
    const both = [manager.connect('board'), manager.connect('board')];
    (await attempt(0)).succeed(new FakeTarget('board'));
    const [first, second] = await Promise.all(both);
    expect(first).toBe(second);
    await expect(manager.connect('board')).resolves.toBe(first);
    expect(opened).toHaveLength(1);
  });

  it('tells a failure, and tries anew when asked to', async () => {
    const { manager, attempt } = managed();
    const connecting = manager.connect('board');
    const error = new Error('refused');
    (await attempt(0)).fail(error);
    await expect(connecting).rejects.toBe(error);
    expect(manager.state('board')).toEqual({ kind: 'failed', error });
    const again = manager.connect('board');
    (await attempt(1)).succeed(new FakeTarget('board'));
    await again;
    expect(manager.state('board').kind).toBe('connected');
  });

  it('ends an attempt when the last who waits for it is cancelled', async () => {
    const { manager, attempt } = managed();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = manager.connect('board', one.signal);
    const second = manager.connect('board', two.signal);
    const { signal } = await attempt(0);
    one.abort(new Error('one gave up'));
    await expect(first).rejects.toThrow('one gave up');
    expect(signal.aborted).toBe(false);
    two.abort(new Error('two gave up'));
    await expect(second).rejects.toThrow('two gave up');
    expect(signal.aborted).toBe(true);
    expect(manager.state('board')).toEqual({ kind: 'disconnected' });
  });

  it('disposes of a target that comes after it was given up', async () => {
    const late = new FakeTarget('board');
    const manager = new TargetManager({
      open: (_definition, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(late))),
      probe: () => Promise.resolve(facts),
    });
    manager.setDefinitions([board]);
    const connecting = manager.connect('board');
    const rejected = expect(connecting).rejects.toThrow('given up');
    await new Promise((resolve) => setImmediate(resolve));
    await manager.disconnect('board');
    await rejected;
    expect(late.disposed).toBe(1);
    expect(manager.state('board')).toEqual({ kind: 'disconnected' });
  });

  it('disposes of a target whose facts can not be read', async () => {
    const target = new FakeTarget('board');
    const manager = new TargetManager({
      open: () => Promise.resolve(target),
      probe: () => Promise.reject(new Error('no uname')),
    });
    manager.setDefinitions([board]);
    await expect(manager.connect('board')).rejects.toThrow('no uname');
    expect(target.disposed).toBe(1);
    expect(manager.state('board').kind).toBe('failed');
  });

  it('tells when a connection is lost, and lets go of it', async () => {
    const { manager, target } = await connected();
    const error = new TargetLostError('board', 'gone');
    target.lose.abort(error);
    expect(manager.state('board')).toMatchObject({ kind: 'lost', error, retry: { attempt: 1 } });
    expect(target.disposed).toBe(1);
    await manager.dispose();
  });

  it('tries a lost target again until it is back, and tells whether it restarted', async () => {
    const { manager, target, attempt } = await connected({ bootId: 'first' });
    const error = new TargetLostError('board', 'gone');
    target.lose.abort(error);
    (await attempt(1)).fail(new Error('refused'));
    await expect
      .poll(() => manager.state('board'))
      .toMatchObject({ kind: 'lost', error, retry: { attempt: 2, failure: new Error('refused') } });
    (await attempt(2)).succeed(new FakeTarget('board', 'second'));
    await expect
      .poll(() => manager.state('board'))
      .toMatchObject({ kind: 'connected', returned: { error, rebooted: true } });
  });

  it('does not try again what only a person can change', async () => {
    const { manager, target, opened, attempt } = await connected();
    target.lose.abort(new TargetLostError('board', 'gone'));
    const changed = new ConnectError('the host key has changed', 'hostKey');
    (await attempt(1)).fail(changed);
    await expect.poll(() => manager.state('board')).toEqual({ kind: 'failed', error: changed });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(opened).toHaveLength(2);
  });

  it('stops trying when it is told to', async () => {
    const { manager, target, opened } = await connected();
    target.lose.abort(new TargetLostError('board', 'gone'));
    await manager.disconnect('board');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(manager.state('board')).toEqual({ kind: 'disconnected' });
    expect(opened).toHaveLength(1);
  });

  it('closes a connection when it is told to, and says no more of it', async () => {
    const { manager, target } = await connected();
    await manager.disconnect('board');
    expect(target.disposed).toBe(1);
    target.lose.abort(new Error('late'));
    expect(manager.state('board')).toEqual({ kind: 'disconnected' });
  });

  it('waits for the old connection to close before it opens a new one', async () => {
    const { manager, target, opened, attempt } = await connected();
    let closed: () => void = () => undefined;
    target.dispose = () =>
      new Promise((resolve) => {
        closed = resolve;
      });
    const disconnecting = manager.disconnect('board');
    const again = manager.connect('board');
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened).toHaveLength(1);
    closed();
    await disconnecting;
    (await attempt(1)).succeed(new FakeTarget('board'));
    await again;
  });

  it('keeps a connection whose definition stays, and closes one that changes or goes', async () => {
    const { manager, target } = await connected();
    manager.setDefinitions([{ kind: 'ssh', name: 'gate', host: 'gate' }, { ...board }]);
    expect(manager.state('board').kind).toBe('connected');
    manager.setDefinitions([{ ...board, port: 2222 }]);
    expect(target.disposed).toBe(1);
    expect(manager.state('board')).toEqual({ kind: 'disconnected' });
  });

  it('has an active target among those that exist', () => {
    const { manager } = managed();
    expect(manager.active).toBeUndefined();
    manager.select('board');
    expect(manager.active).toBe('board');
    manager.setDefinitions([]);
    expect(manager.active).toBeUndefined();
    manager.select('nobody');
    expect(manager.active).toBeUndefined();
  });

  it('tells changes until the listener is disposed of', () => {
    const { manager } = managed();
    let told = 0;
    const subscription = manager.onDidChange(() => (told += 1));
    manager.select('board');
    manager.select('board');
    expect(told).toBe(1);
    subscription.dispose();
    manager.select(undefined);
    expect(told).toBe(1);
  });

  it('lets a listener connect in turn without a second attempt', async () => {
    const { manager, opened, attempt } = managed();
    const others: Promise<unknown>[] = [];
    manager.onDidChange(() => {
      if (manager.state('board').kind === 'connecting' && others.length === 0) {
        others.push(manager.connect('board'));
      }
    });
    const connecting = manager.connect('board');
    (await attempt(0)).succeed(new FakeTarget('board'));
    await Promise.all([connecting, ...others]);
    expect(opened).toHaveLength(1);
  });

  it('closes everything at its end', async () => {
    const { manager, target } = await connected();
    await manager.dispose();
    expect(target.disposed).toBe(1);
    await expect(manager.connect('board')).rejects.toThrow('no target');
  });

  it('knows no target of another name', async () => {
    await expect(managed().manager.connect('nobody')).rejects.toThrow('nobody');
  });
});
