import type { ConnectedState } from '../targets/targetManager';
import { execute } from './command';
import { listModules } from './commands';

/** What lost connections cut off: whether it was done is asked of the kernel when the target is back. */
export class PendingWork {
  private readonly modules = new Map<string, Set<string>>();

  /** A connection was lost while a module of the target was loaded or unloaded. */
  add(targetName: string, module: string): void {
    const modules = this.modules.get(targetName) ?? new Set();
    this.modules.set(targetName, modules.add(module));
  }

  /**
   * What became of it, in sentences for a person; undefined: nothing was cut off.
   * @throws all that Target.run throws; it is then asked again the next time
   */
  async settle(targetName: string, { target, returned }: ConnectedState): Promise<string | undefined> {
    const names = [...(this.modules.get(targetName) ?? [])];
    if (names.length === 0) {
      return undefined;
    }
    const modules = await execute(target, listModules());
    this.modules.delete(targetName);
    return names
      .map((name) => {
        const module = modules.find((one) => one.name === name);
        if (module === undefined) {
          return returned?.rebooted === true
            ? `${name} is not loaded: what it was is gone with the restart.`
            : `The kernel says that ${name} is not loaded.`;
        }
        return `The kernel says that ${name} is ${module.state === 'live' ? 'loaded' : module.state}.`;
      })
      .join(' ');
  }

  /** Nobody waits for it any more. */
  forget(targetName: string): void {
    this.modules.delete(targetName);
  }
}
