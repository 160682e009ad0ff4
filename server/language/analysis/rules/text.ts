import { rule, type Rule } from './rule';

/** What is wrong with the text itself: lines that kmod drops, or reads otherwise than they look. */
export const TEXT_RULES = {
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
    (what: string, synopsis: string) => `kmod drops this line, it lacks ${what}: '${synopsis}'`,
  ),
  'indented-comment': rule(
    'warning',
    () =>
      '# starts a comment only in column 1: kmod logs this as a bad line; remove the blanks in front of it',
  ),
  'trailing-comment': rule(
    'error',
    (effect: string) => `this is no comment: ${effect}; move it to a line of its own`,
  ),
  'extra-arguments': rule(
    'warning',
    (command: string, words: string) => `'${command}' takes no more words: kmod silently drops '${words}'`,
  ),
  'unbalanced-bracket': rule('error', (word: string) => `unmatched [ or ] in '${word}': kmod drops the line`),
  'invisible-character': rule('error', (what: string) => what),
  'continuation-trap': rule('warning', (what: string) => what),
  'lost-backslash': rule(
    'warning',
    (reader: string) => `kmod removes this backslash before ${reader} sees it; write \\\\`,
  ),
  'deprecated-command': rule(
    'warning',
    (command: string, meaning: string) => `kmod does not parse '${command}': ${meaning}`,
  ),
  'version-required': rule(
    'warning',
    (what: string, since: string, kmod: string) =>
      `${what} needs kmod ${since} or later; this is for kmod ${kmod}`,
  ),
  'not-a-module-name': rule('error', (text: string, why: string) => `'${text}' never matches: ${why}`),
  'parameter-syntax': rule('error', (what: string) => what),
  'softdep-syntax': rule('error', (word: string, why: string) => `'${word}': ${why}`),
  'modules-load-line': rule(
    'error',
    (name: string, why: string) => `systemd-modules-load looks for a module named '${name}': ${why}`,
  ),
  'depmod-never-matches': rule('warning', (what: string) => what),
} satisfies Record<string, Rule>;
