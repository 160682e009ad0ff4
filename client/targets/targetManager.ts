import { isDeepStrictEqual } from 'node:util';
import { orAborted } from './abort';
import type { Activity } from './activity';
import { Comeback, mayPass, RECONNECT_DELAYS, type Return } from './comeback';
import { SCRATCH, type TargetDefinition } from './definition';
import type { Target, TargetFacts } from './target';

export interface ConnectedState {
  readonly kind: 'connected';
  readonly target: Target;
  readonly facts: TargetFacts;
  readonly activity: Activity;
  /** Set where the connection before this one was lost. */
  readonly returned?: Return;
}

/** An attempt to reach a target again. */
interface Retry {
  /** Counts from 1. */
  readonly attempt: number;
  /** When it begins, milliseconds since the epoch; undefined: it runs. */
  readonly at: number | undefined;
  /** What is being done, for a person. */
  readonly step?: string;
  /** Why the attempt before it failed. */
  readonly failure?: Error;
}

export type TargetState =
  | { readonly kind: 'disconnected' }
  /** `step` is what is being done, for a person; undefined at the beginning. */
  | { readonly kind: 'connecting'; readonly step: string | undefined }
  | ConnectedState
  /** The last attempt failed. */
  | { readonly kind: 'failed'; readonly error: Error }
  /** It was connected, and is no more; with `retry` it is tried again. */
  | { readonly kind: 'lost'; readonly error: Error; readonly retry?: Retry }
  /** It was told to reboot, and is expected back. */
  | { readonly kind: 'rebooting'; readonly retry: Retry };

/** Reaches a target. After `signal` aborts, what it still opens is closed by the caller. */
export type OpenTarget = (
  definition: TargetDefinition,
  options: { readonly signal: AbortSignal; readonly step: (text: string) => void },
) => Promise<Target>;

interface Attempt {
  readonly controller: AbortController;
  readonly connected: Promise<ConnectedState>;
  /** Callers of connect() that still want it. */
  waiters: number;
}

interface Entry {
  readonly definition: TargetDefinition;
  state: TargetState;
  attempt?: Attempt;
  /** It is being told to reboot. */
  rebooting?: true;
  /** Its connection was lost, and another is wanted. */
  comeback?: Comeback;
  retry?: Retry;
  /** Settles when the connection before this one is closed. */
  closing: Promise<void>;
}

const THE_SCRATCH: TargetDefinition = { kind: 'scratch', name: SCRATCH };

/**
 * The targets, which of them is active, and the state of each. Views are projections of it.
 * The scratch target is always there; first, where the settings do not describe it.
 */
export class TargetManager {
  #entries: Entry[] = [newEntry(THE_SCRATCH)];
  #active: string | undefined;
  #disposed = false;
  readonly #listeners = new Set<() => void>();
  readonly #open: OpenTarget;
  readonly #probe: (target: Target, signal: AbortSignal) => Promise<TargetFacts>;
  readonly #delays: readonly number[];

  constructor(how: {
    readonly open: OpenTarget;
    readonly probe: (target: Target, signal: AbortSignal) => Promise<TargetFacts>;
    /** Milliseconds before each attempt to reach a lost target again; the last goes on. */
    readonly delays?: readonly number[];
  }) {
    this.#open = how.open;
    this.#probe = how.probe;
    this.#delays = how.delays ?? RECONNECT_DELAYS;
  }

  get definitions(): readonly TargetDefinition[] {
    return this.#entries.map(({ definition }) => definition);
  }

  definition(name: string): TargetDefinition | undefined {
    return this.#find(name)?.definition;
  }

  /** The state of a target; one that does not exist is disconnected. */
  state(name: string): TargetState {
    return this.#find(name)?.state ?? { kind: 'disconnected' };
  }

  /** The name of the target that commands speak of. */
  get active(): string | undefined {
    return this.#active;
  }

  /** Makes a target the active one; a name that is no target's makes none active. */
  select(name: string | undefined): void {
    const active = name === undefined ? undefined : this.#find(name)?.definition.name;
    if (active !== this.#active) {
      this.#active = active;
      this.#changed();
    }
  }

  /** Takes over the targets of the settings. A connection whose definition is gone or changed is closed. */
  setDefinitions(definitions: readonly TargetDefinition[]): void {
    const before = this.#entries;
    const own = definitions.some(({ name }) => name === SCRATCH);
    this.#entries = [...(own ? [] : [THE_SCRATCH]), ...definitions].map(
      (definition) =>
        before.find((entry) => isDeepStrictEqual(entry.definition, definition)) ?? newEntry(definition),
    );
    for (const entry of before) {
      if (!this.#entries.includes(entry)) {
        void this.#close(entry);
      }
    }
    if (this.#active !== undefined && this.#find(this.#active) === undefined) {
      this.#active = undefined;
    }
    this.#changed();
  }

  /**
   * Connects a target and reads its facts. Callers at the same time share one attempt; an aborted
   * `signal` rejects its own caller, and ends the attempt when nobody else waits for it.
   * @throws what `open` and `probe` throw, or the signal's reason
   */
  async connect(name: string, signal?: AbortSignal): Promise<ConnectedState> {
    signal?.throwIfAborted();
    const entry = this.#find(name);
    if (entry === undefined || this.#disposed) {
      throw new Error(`There is no target ${name}.`);
    }
    if (entry.state.kind === 'connected') {
      return entry.state;
    }
    const attempt = entry.attempt ?? this.#attempt(entry);
    entry.comeback?.wake();
    attempt.waiters += 1;
    try {
      return await orAborted(attempt.connected, signal);
    } finally {
      attempt.waiters -= 1;
      if (attempt.waiters === 0 && entry.attempt === attempt) {
        void this.#close(entry);
      }
    }
  }

  /**
   * Reboots a connected target and waits for it to come back, as its state tells.
   * @param command tells it to
   * @throws what `command` throws while the target stays
   */
  async reboot(name: string, command: (connected: ConnectedState) => Promise<unknown>): Promise<void> {
    const entry = this.#find(name);
    if (entry?.state.kind !== 'connected') {
      throw new Error(`${name} is not connected.`);
    }
    const { target } = entry.state;
    entry.rebooting = true;
    try {
      await command(entry.state);
    } catch (error) {
      if (!target.lost.aborted) {
        throw error;
      }
    } finally {
      delete entry.rebooting;
    }
    const now = entry.state as TargetState;
    if (now.kind === 'connected' && now.target === target) {
      this.#leave(entry, now, new Error('it reboots'), true);
    }
  }

  /** Closes the connection of a target, or ends the attempts to make one. */
  async disconnect(name: string): Promise<void> {
    const entry = this.#find(name);
    if (entry !== undefined) {
      await this.#close(entry);
    }
  }

  /** Tells of every change of a state, of the definitions and of the active target. */
  onDidChange(listener: () => void): { dispose(): void } {
    const own = (): void => listener();
    this.#listeners.add(own);
    return { dispose: () => this.#listeners.delete(own) };
  }

  /** Closes every connection. Nothing can be connected afterwards. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all(this.#entries.map((entry) => this.#close(entry)));
    this.#listeners.clear();
  }

  #attempt(entry: Entry): Attempt {
    const controller = new AbortController();
    const attempt: Attempt = { controller, waiters: 0, connected: this.#reach(entry, controller.signal) };
    // Every caller may have left: the failure is then told by the state alone.
    attempt.connected.catch(() => undefined);
    entry.attempt = attempt;
    this.#step(entry, undefined);
    return attempt;
  }

  async #reach(entry: Entry, signal: AbortSignal): Promise<ConnectedState> {
    const step = (text: string): void => {
      if (entry.attempt?.controller.signal === signal) {
        this.#step(entry, text);
      }
    };
    let target: Target | undefined;
    try {
      await orAborted(entry.closing, signal);
      target = await this.#open(entry.definition, { signal, step });
      signal.throwIfAborted();
      step('reading what the target is…');
      const facts = await orAborted(this.#probe(target, signal), signal, target.lost);
      const returned = entry.comeback?.compare(facts);
      const state: ConnectedState = {
        kind: 'connected',
        target,
        facts,
        activity: target.activity?.current ?? { kind: 'ready' },
        ...(returned === undefined ? {} : { returned }),
      };
      delete entry.attempt;
      this.#endComeback(entry);
      this.#watch(entry, target);
      this.#set(entry, state);
      return state;
    } catch (error) {
      await target?.dispose();
      // An attempt that was ended has given its place away: the state is another's to tell.
      if (!signal.aborted) {
        delete entry.attempt;
        if (entry.comeback === undefined) {
          this.#set(entry, { kind: 'failed', error: asError(error) });
        }
      }
      throw error;
    }
  }

  #watch(entry: Entry, target: Target): void {
    const state = (): ConnectedState | undefined =>
      entry.state.kind === 'connected' && entry.state.target === target ? entry.state : undefined;
    const subscription = target.activity?.onDidChange(() => {
      const now = state();
      if (now !== undefined && target.activity !== undefined) {
        this.#set(entry, { ...now, activity: target.activity.current });
      }
    });
    const lost = (): void => {
      subscription?.dispose();
      const now = state();
      if (now !== undefined) {
        this.#leave(entry, now, asError(target.lost.reason), entry.rebooting === true);
      }
    };
    target.lost.addEventListener('abort', lost, { once: true });
  }

  /** The connection is gone: a target that is a machine of its own is tried again until it is back. */
  #leave(entry: Entry, { target, facts }: ConnectedState, error: Error, reboot: boolean): void {
    entry.closing = target.dispose();
    // A virtual machine is gone with its connection. Another one is started when it was meant to.
    if (entry.definition.kind === 'scratch' && !reboot) {
      this.#set(entry, { kind: 'lost', error });
      return;
    }
    const comeback = new Comeback(error, facts, reboot);
    entry.comeback = comeback;
    void this.#comeBack(entry, comeback);
  }

  async #comeBack(entry: Entry, comeback: Comeback): Promise<void> {
    let failure: Error | undefined;
    for (let count = 1; !comeback.over; count += 1) {
      const delay = this.#delays[Math.min(count, this.#delays.length) - 1] ?? 0;
      const told = failure === undefined ? {} : { failure };
      this.#wait(entry, comeback, { attempt: count, at: Date.now() + delay, ...told });
      await comeback.pause(delay);
      if (comeback.over) {
        return;
      }
      const attempt = entry.attempt ?? this.#attempt(entry);
      attempt.waiters += 1;
      try {
        await attempt.connected;
      } catch (error) {
        failure = asError(error);
        if (!comeback.over && !mayPass(failure)) {
          this.#endComeback(entry);
          this.#set(entry, { kind: 'failed', error: failure });
        }
      } finally {
        attempt.waiters -= 1;
      }
    }
  }

  #wait(entry: Entry, { error, reboot }: Comeback, retry: Retry): void {
    entry.retry = retry;
    this.#set(entry, reboot ? { kind: 'rebooting', retry } : { kind: 'lost', error, retry });
  }

  #endComeback(entry: Entry): void {
    entry.comeback?.end();
    delete entry.comeback;
    delete entry.retry;
  }

  #step(entry: Entry, step: string | undefined): void {
    const { comeback, retry } = entry;
    if (comeback === undefined || retry === undefined) {
      this.#set(entry, { kind: 'connecting', step });
    } else {
      this.#wait(entry, comeback, { ...retry, at: undefined, ...(step === undefined ? {} : { step }) });
    }
  }

  #close(entry: Entry): Promise<void> {
    const { attempt, state } = entry;
    delete entry.attempt;
    this.#endComeback(entry);
    if (state.kind === 'connected') {
      entry.closing = state.target.dispose();
    } else if (attempt !== undefined) {
      attempt.controller.abort(new DOMException('The connection was given up.', 'AbortError'));
      entry.closing = attempt.connected.then(
        () => undefined,
        () => undefined,
      );
    }
    if (state.kind !== 'disconnected') {
      this.#set(entry, { kind: 'disconnected' });
    }
    return entry.closing;
  }

  #set(entry: Entry, state: TargetState): void {
    entry.state = state;
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }

  #find(name: string): Entry | undefined {
    return this.#entries.find(({ definition }) => definition.name === name);
  }
}

function newEntry(definition: TargetDefinition): Entry {
  return { definition, state: { kind: 'disconnected' }, closing: Promise.resolve() };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
