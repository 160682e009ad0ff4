import { rule, type Rule } from './rule';

/** What other lines and other files do to a line, and what makes of a file one that is read. */
export const FILE_RULES = {
  'duplicate-entry': rule('hint', (what: string, place: string) => `the same ${what} is in ${place} already`),
  'parameter-overridden': rule(
    'warning',
    (parameter: string, place: string) =>
      `'${parameter}' is set again in ${place}, and the kernel takes the last one`,
  ),
  'install-shadowed': rule(
    'warning',
    (command: string, module: string, place: string) =>
      `never used: only the first ${command} that matches ${module} counts, in ${place}`,
  ),
  'softdep-hides-install': rule(
    'warning',
    (command: string, module: string, place: string) =>
      `never used where ${module} has a softdep (${place}): modprobe then takes no ${command} line`,
  ),
  'softdep-shadowed': rule(
    'warning',
    (module: string, place: string) =>
      `never used: only the first softdep of ${module} counts, in ${place}; put the two into one line`,
  ),
  'file-ignored': rule('warning', (why: string) => `kmod never reads this file: ${why}`),
  'file-masked': rule('information', (what: string) => what),
  'load-conflict': rule('warning', (what: string) => what),
} satisfies Record<string, Rule>;
