import { ByteOutput } from './byteOutput';
import { parseModinfo, type ModinfoEntry } from './modinfo';

/** What thousands of modules say of themselves, in one piece of memory: as strings it would take ten times of that. */
export class ModinfoIndex {
  readonly #sections = new ByteOutput();
  readonly #places = new Map<string, readonly [start: number, end: number]>();

  get names(): Iterable<string> {
    return this.#places.keys();
  }

  /** Keeps a copy of a module's .modinfo section. */
  add(name: string, section: Uint8Array): void {
    const start = this.#sections.length;
    this.#sections.bytes(section);
    this.#places.set(name, [start, this.#sections.length]);
  }

  /** @throws ElfError where there are too many */
  entries(name: string): ModinfoEntry[] {
    const [start, end] = this.#places.get(name) ?? [0, 0];
    return parseModinfo(this.#sections.memory.subarray(start, end));
  }
}
