import { LineReader } from '../../../engine/base/lineReader';
import { Tail } from '../../../engine/base/tail';
import { LONGEST_LINE, withoutEnd } from '../../../kmod/text';
import { Listeners } from '../listeners';

/** Characters that are kept: a crash with its call traces fits many times. */
const CAPACITY = 256 * 1024;

const PANIC = 'Kernel panic - not syncing: ';

export type ConsoleState =
  /** Nobody reads it; with `reason`: no more, because of that. */
  | { readonly kind: 'closed'; readonly reason?: string }
  | { readonly kind: 'open' }
  /** It can not be read now, and is tried again. */
  | { readonly kind: 'waiting'; readonly reason: string };

/** What of a serial console can be seen: the end of what it printed, bounded, however much a kernel prints. */
export class SerialConsole {
  readonly #text = new Tail(CAPACITY);
  #state: ConsoleState = { kind: 'closed' };
  #send: ((data: string) => void) | undefined;
  readonly #data = new Listeners<[string]>();
  readonly #lines = new Listeners<[string]>();
  #reader = this.#newReader();
  readonly #states = new Listeners<[]>();

  /** Tells what is printed, as it comes. */
  readonly onData = this.#data.add;
  /** Tells each whole line, without its end; of a very long one the beginning. */
  readonly onLine = this.#lines.add;
  readonly onDidChangeState = this.#states.add;

  /** For what reads it: what the console printed. */
  take(chunk: string): void {
    this.#text.push(chunk);
    this.#data.tell(chunk);
    this.#reader.push(chunk);
  }

  /** For what reads it: from now on there is somebody at its other end. */
  open(send: (data: string) => void): void {
    this.#send = send;
    this.#set({ kind: 'open' });
  }

  /** For what reads it: from now on there is nobody. */
  close(state: Exclude<ConsoleState, { kind: 'open' }> = { kind: 'closed' }): void {
    this.#send = undefined;
    this.#set(state);
  }

  /** Another machine prints on it now. */
  restart(): void {
    this.#text.clear();
    this.#reader = this.#newReader();
  }

  /** Types; nothing where nobody is at its other end. */
  send(data: string): void {
    this.#send?.(data);
  }

  get state(): ConsoleState {
    return this.#state;
  }

  get text(): string {
    return this.#text.text;
  }

  /** What the kernel says when it panics. */
  get panic(): string | undefined {
    const { text } = this;
    const start = text.indexOf(PANIC);
    return start < 0 ? undefined : text.slice(start, start + LONGEST_LINE).split(/[\r\n]/, 1)[0];
  }

  #newReader(): LineReader {
    return new LineReader(LONGEST_LINE, (line) => this.#lines.tell(withoutEnd(line, '\r')));
  }

  #set(state: ConsoleState): void {
    const before = this.#state;
    this.#state = state;
    if (before.kind !== state.kind || reasonOf(before) !== reasonOf(state)) {
      this.#states.tell();
    }
  }
}

const reasonOf = (state: ConsoleState): string | undefined =>
  state.kind === 'open' ? undefined : state.reason;
