export type Severity = 'error' | 'warning' | 'information' | 'hint';

export interface Rule {
  readonly severity: Severity;
  /** What happened, where, and what to do next. */
  readonly message: (...facts: string[]) => string;
}

const rule = <Message extends Rule['message']>(severity: Severity, message: Message) => ({
  severity,
  message,
});

/** Every code a diagnostic may have. */
export const RULES = {
  'unknown-command': rule(
    'error',
    (command: string, hint: string) => `kmod ignores this line: '${command}' is no command${hint}`,
  ),
  'wrong-dialect': rule(
    'error',
    (syntax: string, advice: string) => `this is ${syntax}, the line has no effect here: ${advice}`,
  ),
  'missing-argument': rule(
    'error',
    (command: string, what: string) => `'${command}' needs ${what}; kmod drops the line`,
  ),
  'indented-comment': rule(
    'warning',
    () =>
      '# starts a comment only in column 1: kmod logs this as a bad line; remove the blanks in front of it',
  ),
  'unbalanced-bracket': rule('error', (word: string) => `unmatched [ or ] in '${word}': kmod drops the line`),
  'invisible-character': rule('error', (what: string) => what),
  'continuation-trap': rule('warning', (what: string) => what),
  'deprecated-command': rule(
    'warning',
    (command: string, meaning: string) => `kmod does not parse '${command}': ${meaning}`,
  ),
  'version-required': rule(
    'warning',
    (command: string, since: string) => `'${command}' needs kmod ${since} or later`,
  ),
  'softdep-syntax': rule('error', (word: string, why: string) => `kmod drops '${word}': ${why}`),
  'unknown-module': rule(
    'warning',
    (module: string, release: string, label: string) =>
      `no module or alias '${module}' in kernel ${release} (${label})`,
  ),
  'unknown-parameter': rule(
    'warning',
    (module: string, parameter: string, hint: string, release: string, label: string) =>
      `${module} has no parameter '${parameter}' in kernel ${release} (${label}): the kernel ignores it${hint}`,
  ),
  'modules-load-line': rule(
    'error',
    (name: string, why: string) => `systemd-modules-load looks for a module named '${name}': ${why}`,
  ),
} satisfies Record<string, Rule>;

export type RuleCode = keyof typeof RULES;
