import { parseModinfo, type ModinfoEntry } from './modinfo';

/** What thousands of modules say of themselves, as bytes: as strings it would take ten times of that. */
export class ModinfoIndex {
  readonly #sections = new Map<string, Uint8Array>();

  get names(): Iterable<string> {
    return this.#sections.keys();
  }

  /** Keeps a copy of a module's .modinfo section. */
  add(name: string, section: Uint8Array): void {
    this.#sections.set(name, Buffer.from(section));
  }

  /** @throws ElfError where there are too many */
  entries(name: string): ModinfoEntry[] {
    return parseModinfo(this.#sections.get(name) ?? new Uint8Array());
  }
}
