import type { Rule } from '../analysis/rules';

/** What is wrong with the module macros of C sources; docs/c-diagnostics has a page for each code. */
export const SOURCE_RULES = {
  'missing-license': {
    severity: 'error',
    message: (module: string) =>
      `${module} has no MODULE_LICENSE: modpost refuses it; add MODULE_LICENSE("GPL") or another that the kernel knows`,
  },
  'missing-description': {
    severity: 'warning',
    message: (module: string) =>
      `${module} has no MODULE_DESCRIPTION: modinfo can not say what it does, and modpost warns (Linux 6.11)`,
  },
  'unknown-license': {
    severity: 'warning',
    message: (license: string, hint: string) =>
      `the kernel does not know the license '${license}'${hint}: loading the module taints the kernel (P), and GPL-only symbols are refused to it`,
  },
  'description-without-parameter': {
    severity: 'warning',
    message: (parameter: string, hint: string) =>
      `the module has no parameter '${parameter}'${hint}: modinfo would show one that can not be set`,
  },
  'parameter-without-description': {
    severity: 'information',
    message: (parameter: string) =>
      `the parameter '${parameter}' has no MODULE_PARM_DESC: modinfo can not say what it does`,
  },
  'refused-permissions': {
    severity: 'error',
    message: (permissions: string, why: string) =>
      `the kernel does not compile permissions ${permissions}: ${why}`,
  },
  'decimal-permissions': {
    severity: 'warning',
    message: (permissions: string, meant: string) =>
      `${permissions} is decimal and means ${meant}: write permissions in octal, with a 0 in front`,
  },
  'unknown-parameter-type': {
    severity: 'error',
    message: (type: string, hint: string) =>
      `'${type}' is no type of parameter${hint}: there is neither param_ops_${type} nor param_check_${type}`,
  },
  'module-alias': {
    severity: 'warning',
    message: (alias: string, why: string) => `the alias '${alias}' is never found: ${why}`,
  },
  'module-softdep': {
    severity: 'warning',
    message: (word: string, why: string) => `modprobe does not load '${word}': ${why}`,
  },
  'repeated-softdep': {
    severity: 'information',
    message: () => 'modprobe uses only one MODULE_SOFTDEP of a module: put all into one, "pre: a b post: c"',
  },
} satisfies Record<string, Rule>;

export type SourceRuleCode = keyof typeof SOURCE_RULES;

export function isSourceRuleCode(code: string): code is SourceRuleCode {
  return Object.hasOwn(SOURCE_RULES, code);
}
