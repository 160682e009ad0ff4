import type { ModuleInfo } from '../../../kmod/modinfo';
import type { ParameterNames, Peeks, Presence } from '../../catalog/catalog';
import type { Unit } from './finding';

type Question = keyof Peeks;
type Answer<Q extends Question> = ReturnType<Peeks[Q]>;

/** A catalog that remembers what it was asked, and what it answered. */
export class AskedCatalog implements Peeks {
  readonly #answers = new Map<string, Map<Question, Answer<Question>>>();
  #asked: string[] = [];

  constructor(private readonly catalog: Unit['catalog']) {}

  get origin() {
    return this.catalog.origin;
  }

  peek(name: string): Presence {
    return this.#remember('peek', name, this.catalog.peek(name));
  }

  peekInfo(name: string): ModuleInfo | undefined {
    return this.#remember('peekInfo', name, this.catalog.peekInfo(name));
  }

  peekDependants(name: string): readonly string[] | undefined {
    return this.#remember('peekDependants', name, this.catalog.peekDependants(name));
  }

  peekFileName(name: string): string | undefined {
    return this.#remember('peekFileName', name, this.catalog.peekFileName(name));
  }

  peekParameters(name: string): ParameterNames | undefined {
    return this.#remember('peekParameters', name, this.catalog.peekParameters(name));
  }

  /** The names that were asked about since the last call. */
  takeAsked(): readonly string[] {
    const asked = this.#asked;
    this.#asked = [];
    return asked;
  }

  /** Asks again about some names. @returns those to which an answer is another one now */
  changed(names: Iterable<string>): string[] {
    return [...names].filter((name) =>
      [...(this.#answers.get(name) ?? [])].some(
        ([question, answer]) => this.catalog[question](name) !== answer,
      ),
    );
  }

  #remember<Q extends Question>(question: Q, name: string, answer: Answer<Q>): Answer<Q> {
    this.#asked.push(name);
    let answers = this.#answers.get(name);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(name, answers);
    }
    answers.set(question, answer);
    return answer;
  }
}
