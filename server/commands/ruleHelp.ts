import { OWN_FILE } from '../../engine/files/limits';
import { readRegularFileSync } from '../../engine/files/regularFile';
import { isRuleCode, RULES, type Severity } from '../language/analysis/rules';
import { isSourceRuleCode, SOURCE_RULES } from '../language/c/rules';

/** The page of a rule, for those who have only the log. */
interface RuleHelp {
  /** The first sentence of the page. */
  readonly summary: string;
  /** The first paragraph. */
  readonly paragraph: string;
  /** The page. */
  readonly markdown: string;
}

/**
 * Reads the page of a rule, whose first paragraph behind its severity says what is wrong.
 * @param page its URI; undefined: the documentation is not installed
 */
export function readRuleHelp(page: string): RuleHelp | undefined {
  let markdown: string;
  try {
    markdown = readRegularFileSync(new URL(page), OWN_FILE).toString('utf8');
  } catch {
    return undefined;
  }
  const [, , paragraph = ''] = markdown.split('\n\n');
  const [summary = paragraph] = /^.*?\.(?=\s|$)/.exec(paragraph) ?? [];
  return { summary, paragraph, markdown };
}

/** How severe a rule is unless the user says otherwise. */
export function severityOf(code: string): Severity | undefined {
  if (isRuleCode(code)) return RULES[code].severity;
  return isSourceRuleCode(code) ? SOURCE_RULES[code].severity : undefined;
}
