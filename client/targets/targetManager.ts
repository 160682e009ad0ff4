import { isDeepStrictEqual } from 'node:util';
import { orAborted } from './abort';
import { SCRATCH, type SshTargetDefinition, type TargetDefinition } from './definition';
import type { Target, TargetFacts } from './target';

export interface ConnectedState {
  readonly kind: 'connected';
  readonly target: Target;
  readonly facts: TargetFacts;
}

export type TargetState =
  | { readonly kind: 'disconnected' }
  /** `step` is what is being done, for a person. */
  | { readonly kind: 'connecting'; readonly step: string }
  | ConnectedState
  /** The last attempt failed. */
  | { readonly kind: 'failed'; readonly error: Error }
  /** It was connected, and is no more. */
  | { readonly kind: 'lost'; readonly error: Error };

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
  /** Settles when the connection before this one is closed. */
  closing: Promise<void>;
}

/**
 * The targets, which of them is active, and the state of each. Views are projections of it.
 * The scratch target is always there, and first.
 */
export class TargetManager {
  #entries: Entry[] = [newEntry({ kind: 'scratch', name: SCRATCH })];
  #active: string | undefined;
  #disposed = false;
  readonly #listeners = new Set<() => void>();
  readonly #open: OpenTarget;
  readonly #probe: (target: Target, signal: AbortSignal) => Promise<TargetFacts>;

  constructor(how: {
    readonly open: OpenTarget;
    readonly probe: (target: Target, signal: AbortSignal) => Promise<TargetFacts>;
  }) {
    this.#open = how.open;
    this.#probe = how.probe;
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
  setDefinitions(definitions: readonly SshTargetDefinition[]): void {
    const before = this.#entries;
    this.#entries = [{ kind: 'scratch', name: SCRATCH } as const, ...definitions].map(
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

  /** Closes the connection of a target, or ends the attempt to make one. */
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
    this.#set(entry, { kind: 'connecting', step: 'Connecting' });
    return attempt;
  }

  async #reach(entry: Entry, signal: AbortSignal): Promise<ConnectedState> {
    const step = (text: string): void => {
      if (entry.attempt?.controller.signal === signal) {
        this.#set(entry, { kind: 'connecting', step: text });
      }
    };
    let target: Target | undefined;
    try {
      await orAborted(entry.closing, signal);
      target = await this.#open(entry.definition, { signal, step });
      signal.throwIfAborted();
      step('Reading what the target is');
      const facts = await orAborted(this.#probe(target, signal), signal, target.lost);
      const state: ConnectedState = { kind: 'connected', target, facts };
      delete entry.attempt;
      this.#watch(entry, target);
      this.#set(entry, state);
      return state;
    } catch (error) {
      await target?.dispose();
      // An attempt that was ended has given its place away: the state is another's to tell.
      if (!signal.aborted) {
        delete entry.attempt;
        this.#set(entry, { kind: 'failed', error: asError(error) });
      }
      throw error;
    }
  }

  #watch(entry: Entry, target: Target): void {
    const lost = (): void => {
      if (entry.state.kind === 'connected' && entry.state.target === target) {
        entry.closing = target.dispose();
        this.#set(entry, { kind: 'lost', error: asError(target.lost.reason) });
      }
    };
    target.lost.addEventListener('abort', lost, { once: true });
  }

  #close(entry: Entry): Promise<void> {
    const { attempt, state } = entry;
    delete entry.attempt;
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
