import type { Statement } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { callsIn } from './modprobeCalls';
import { softdepWords } from './lists';

/** The modules that a softdep or an install line loads for its own, with `_`. */
export function loadedBy({ command, arguments: [, argument] }: Statement): string[] {
  if (argument === undefined) return [];
  switch (command.text) {
    case 'install':
      return callsIn(argument)
        .filter(({ loads, usesBlacklist }) => loads && !usesBlacklist)
        .map(({ module }) => normalizeModuleName(module.text));
    case 'softdep':
      return softdepWords(argument)
        .filter(({ role }) => role === 'pre' || role === 'post')
        .map(({ text }) => normalizeModuleName(text));
    default:
      return [];
  }
}
