import { BEHAVIOUR_RULES } from './rules/behaviour';
import { FILE_RULES } from './rules/files';
import { TEXT_RULES } from './rules/text';

export type { Rule, Severity } from './rules/rule';

/** Every code a diagnostic may have; docs/diagnostics has a page for each. */
export const RULES = { ...TEXT_RULES, ...BEHAVIOUR_RULES, ...FILE_RULES };

export type RuleCode = keyof typeof RULES;

export function isRuleCode(code: string): code is RuleCode {
  return Object.hasOwn(RULES, code);
}
