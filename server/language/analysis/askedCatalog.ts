import type { ModuleInfo } from '../../../kmod/modinfo';
import type { Presence } from '../../catalog/catalog';
import type { Unit } from './finding';

type Facts = Unit['catalog'];

interface Answer {
  presence?: Presence;
  info?: { readonly found: ModuleInfo | undefined };
}

/** A catalog that remembers what it was asked, and what it answered. */
export class AskedCatalog implements Facts {
  readonly #answers = new Map<string, Answer>();
  #asked: string[] = [];

  constructor(private readonly catalog: Facts) {}

  get origin() {
    return this.catalog.origin;
  }

  peek(name: string): Presence {
    const presence = this.catalog.peek(name);
    this.#answerTo(name).presence = presence;
    return presence;
  }

  peekInfo(name: string): ModuleInfo | undefined {
    const found = this.catalog.peekInfo(name);
    this.#answerTo(name).info = { found };
    return found;
  }

  /** The names that were asked about since the last call. */
  takeAsked(): readonly string[] {
    const asked = this.#asked;
    this.#asked = [];
    return asked;
  }

  /** Asks again about some names. @returns those to which the answer is another one now */
  changed(names: Iterable<string>): string[] {
    return [...names].filter((name) => {
      const { presence, info } = this.#answers.get(name) ?? {};
      return (
        (presence !== undefined && this.catalog.peek(name) !== presence) ||
        (info !== undefined && this.catalog.peekInfo(name) !== info.found)
      );
    });
  }

  #answerTo(name: string): Answer {
    this.#asked.push(name);
    let answer = this.#answers.get(name);
    if (answer === undefined) {
      answer = {};
      this.#answers.set(name, answer);
    }
    return answer;
  }
}
