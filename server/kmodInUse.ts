import { kmodVersionIn, NEWEST_KMOD, type KmodVersion } from '../kmod/config/versions';
import { Emitter } from './catalog/emitter';

/** What is known of the system whose kmod reads the files. */
interface KmodFacts {
  /** The setting; undefined: none is set. */
  readonly configured: KmodVersion | undefined;
  /** What the connected target's tools say of their version; undefined: none is connected. */
  readonly target: string | undefined;
  /** The directory that stands for /; empty: this machine's own. */
  readonly sysroot: string;
}

export interface KmodChoice {
  readonly version: KmodVersion;
  /** It is that of the tools themselves: neither set nor assumed. */
  readonly isTold: boolean;
}

/**
 * Which kmod reads the files, as the one place that decides: the setting's, else the connected target's, else this
 * machine's unless the files are another system's, else the newest.
 */
export class KmodInUse {
  readonly #changed = new Emitter();
  readonly onDidChange = this.#changed.on;
  #facts: KmodFacts = { configured: undefined, target: undefined, sysroot: '' };
  #installed: KmodVersion | undefined;
  #current = NEWEST_KMOD;

  /** @param askInstalled this machine's kmod, which is asked only where it counts */
  constructor(private readonly askInstalled: () => Promise<KmodVersion | undefined>) {}

  /** Never waits: until this machine's kmod has answered it is the newest. */
  get current(): KmodVersion {
    return this.#current;
  }

  set(facts: Partial<KmodFacts>): void {
    this.#facts = { ...this.#facts, ...facts };
    this.#decide();
    if (this.#asksInstalled(this.#facts)) void this.#learnInstalled();
  }

  /** Of the system of the settings, whatever is connected. */
  async ofSystem(): Promise<KmodChoice> {
    const facts = { ...this.#facts, target: undefined };
    if (this.#asksInstalled(facts)) await this.#learnInstalled();
    return choose(facts, this.#installed);
  }

  #asksInstalled({ configured, target, sysroot }: KmodFacts): boolean {
    return configured === undefined && target === undefined && sysroot === '';
  }

  async #learnInstalled(): Promise<void> {
    this.#installed = await this.askInstalled();
    this.#decide();
  }

  #decide(): void {
    const { version } = choose(this.#facts, this.#installed);
    if (version === this.#current) return;
    this.#current = version;
    this.#changed.fire();
  }
}

function choose({ configured, target, sysroot }: KmodFacts, installed: KmodVersion | undefined): KmodChoice {
  if (configured !== undefined) return { version: configured, isTold: false };
  const told = target === undefined ? (sysroot === '' ? installed : undefined) : kmodVersionIn(target);
  return { version: told ?? NEWEST_KMOD, isTold: told !== undefined };
}
