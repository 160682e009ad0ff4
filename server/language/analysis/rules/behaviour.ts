import { rule, type Rule } from './rule';

/** Lines that kmod keeps, and that do not do what they seem to. */
export const BEHAVIOUR_RULES = {
  'unknown-module': rule(
    'warning',
    (module: string, release: string, label: string) =>
      `no module or alias '${module}' in kernel ${release} (${label})`,
  ),
  'glob-ignored': rule(
    'warning',
    (command: string, text: string) =>
      `'${command}' compares names exactly: '${text}' is no pattern here and matches no module`,
  ),
  'blacklist-alias': rule(
    'warning',
    (name: string) =>
      `'${name}' is an alias, and blacklist compares only the real names of modules: name the module`,
  ),
  'blacklist-not-absolute': rule(
    'information',
    (module: string, who: string) =>
      `${module} is loaded all the same: ${who}; 'install ${module} /bin/false' stops that`,
  ),
  'builtin-no-effect': rule(
    'warning',
    (module: string, command: string, release: string, label: string) =>
      `${module} is built into kernel ${release} (${label}): '${command}' does nothing${command === 'options' ? '; its parameters are set on the kernel command line' : ''}`,
  ),
  'unknown-parameter': rule(
    'warning',
    (claim: string, hint: string, release: string, label: string) =>
      `${claim} in kernel ${release} (${label}); the kernel ignores one that does not exist${hint}`,
  ),
  'bad-parameter-value': rule(
    'error',
    (module: string, parameter: string, why: string) =>
      `${module} would fail to load (EINVAL): for ${parameter}, ${why}`,
  ),
  'options-alias-scope': rule(
    'information',
    (alias: string) =>
      `'${alias}' is an alias: these options count only when a module is loaded by exactly this name`,
  ),
  'install-recursion': rule(
    'error',
    (module: string, ignore: string) =>
      `this command runs modprobe for ${module} again, without end: add ${ignore}`,
  ),
  'install-loads-dependencies': rule(
    'information',
    (module: string, dependencies: string) =>
      `modprobe loads what ${module} depends on (${dependencies}) before it runs this command`,
  ),
  'cmdline-opts': rule('warning', (what: string) => what),
  'prefer-softdep': rule(
    'hint',
    (softdep: string) =>
      `this only loads other modules before or after: '${softdep}' says so without a shell`,
  ),
  'softdep-cycle': rule(
    'hint',
    (path: string) => `softdep loop ${path}: kmod breaks it silently, so the order is not the one asked for`,
  ),
  'alias-shadows-module': rule(
    'warning',
    (alias: string, module: string) =>
      `this alias hides the module ${alias}: modprobe ${alias} loads ${module} instead`,
  ),
  'alias-chain': rule(
    'error',
    (target: string, why: string) => `'${target}' ${why}: modprobe succeeds and loads nothing`,
  ),
} satisfies Record<string, Rule>;
