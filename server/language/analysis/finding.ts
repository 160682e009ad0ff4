import type { Span } from '../../../kmod/config/lines';
import type { ConfigSyntax } from '../../../kmod/config/syntax';
import type { Catalog } from '../../catalog/catalog';
import { RULES, type Rule, type RuleCode, type Severity } from './rules';

/** What the checks look at. They peek into the catalog and never wait for it. */
export interface Unit {
  readonly syntax: ConfigSyntax;
  readonly catalog: Pick<Catalog, 'origin' | 'peek' | 'peekInfo'>;
}

export interface Finding {
  readonly code: RuleCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
}

export type Check = (unit: Unit) => Iterable<Finding>;

/** A finding of a rule, its message made of the facts that the rule asks for. */
export function finding<Code extends RuleCode>(
  code: Code,
  span: Span,
  ...facts: Parameters<(typeof RULES)[Code]['message']>
): Finding {
  const { severity, message }: Rule = RULES[code];
  return { code, severity, message: message(...facts), span };
}
