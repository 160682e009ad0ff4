import { CommandFailedError } from '../kernel/command';

/** What an error says to people. */
export function messageOf(error: unknown): string {
  if (error instanceof CommandFailedError && /\/proc\/modules: No such file/.test(error.message)) {
    return 'This kernel has no loadable modules (CONFIG_MODULES is off): there is no /proc/modules.';
  }
  return error instanceof Error ? error.message : String(error);
}
