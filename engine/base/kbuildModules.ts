import { BudgetError } from '../../kmod/budget';
import { modulesOfKbuild, type KbuildModule } from '../../kmod/kbuild';

/** The modules of many Kbuild files: one that asks for too much names none, and the others go on. */
export class KbuildModules {
  readonly #refused = new Set<string>();

  /** @param warn is told once of each file that is refused */
  constructor(private readonly warn: (message: string) => void = () => undefined) {}

  of(path: string, text: string): KbuildModule[] {
    try {
      return modulesOfKbuild(text);
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error;
      if (!this.#refused.has(path)) this.warn(`The modules of ${path} are not listed: ${error.message}`);
      this.#refused.add(path);
      return [];
    }
  }
}
