import { isDeepStrictEqual } from 'node:util';
import type { SerialPlace, TargetDefinition } from '../definition';
import { Listeners } from '../listeners';
import type { TargetManager } from '../targetManager';
import { SerialConsole } from './serialConsole';
import { followSerialPort } from './serialPort';

interface Port {
  readonly place: SerialPlace;
  readonly stop: AbortController;
}

export const hasSerialConsole = (definition: TargetDefinition): boolean =>
  definition.kind === 'scratch' || (definition.kind === 'ssh' && definition.serialConsole !== undefined);

/**
 * The serial consoles of targets. A scratch kernel's is QEMU's; a board's is read from when it is connected to until
 * it is disconnected, whatever becomes of the connection meanwhile, and as long as somebody looks at it.
 */
export class SerialConsoles {
  readonly #consoles = new Map<string, SerialConsole>();
  readonly #ports = new Map<string, Port>();
  /** Settles when what was read before is closed. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #watchers = new Map<string, number>();
  readonly #lines = new Listeners<[name: string, line: string]>();
  readonly #states = new Listeners<[]>();
  readonly #subscription: { dispose(): void };

  /** Tells each line of each console. */
  readonly onLine = this.#lines.add;
  readonly onDidChangeState = this.#states.add;

  constructor(
    private readonly manager: Pick<TargetManager, 'definition' | 'definitions' | 'state' | 'onDidChange'>,
  ) {
    this.#subscription = manager.onDidChange(() => this.#update());
  }

  /** Undefined: the target has none, as far as its definition tells. */
  of(name: string): SerialConsole | undefined {
    const definition = this.manager.definition(name);
    return definition !== undefined && hasSerialConsole(definition) ? this.#console(name) : undefined;
  }

  /** It is read at least until what is returned is disposed of. */
  watch(name: string): { dispose(): void } {
    this.#count(name, 1);
    let over = false;
    return {
      dispose: () => {
        if (!over) {
          over = true;
          this.#count(name, -1);
        }
      },
    };
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const { stop } of this.#ports.values()) {
      stop.abort();
    }
  }

  #count(name: string, step: number): void {
    this.#watchers.set(name, (this.#watchers.get(name) ?? 0) + step);
    this.#update();
  }

  #console(name: string): SerialConsole {
    let serial = this.#consoles.get(name);
    if (serial === undefined) {
      serial = new SerialConsole();
      serial.onLine((line) => this.#lines.tell(name, line));
      serial.onDidChangeState(() => this.#states.tell());
      this.#consoles.set(name, serial);
    }
    return serial;
  }

  #place(name: string): SerialPlace | undefined {
    const definition = this.manager.definition(name);
    const wanted = this.manager.state(name).kind !== 'disconnected' || (this.#watchers.get(name) ?? 0) > 0;
    return wanted && definition?.kind === 'ssh' ? definition.serialConsole : undefined;
  }

  #update(): void {
    const names = new Set([...this.#ports.keys(), ...this.manager.definitions.map(({ name }) => name)]);
    for (const name of names) {
      const port = this.#ports.get(name);
      const place = this.#place(name);
      if (!isDeepStrictEqual(port?.place, place)) {
        port?.stop.abort();
        this.#ports.delete(name);
        if (place !== undefined) {
          this.#follow(name, place);
        }
      }
    }
  }

  #follow(name: string, place: SerialPlace): void {
    const stop = new AbortController();
    this.#ports.set(name, { place, stop });
    const before = this.#closing.get(name) ?? Promise.resolve();
    const serial = this.#console(name);
    this.#closing.set(
      name,
      before.then(() => followSerialPort(place, serial, { signal: stop.signal })),
    );
  }
}
