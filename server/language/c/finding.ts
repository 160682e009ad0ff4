import type { Span } from '../../../kmod/config/lines';
import { MODULE_MACROS } from '../../../kmod/source/macros';
import type { MacroCall, SourceScan } from '../../../kmod/source/scan';
import type { Rule, Severity } from '../analysis/rules';
import { SOURCE_RULES, type SourceRuleCode } from './rules';
import type { SourceFile, SourceModule } from './sources';

/** What the checks look at: a C file, and the modules that it is a part of. */
export interface SourceUnit {
  readonly uri: string;
  readonly scan: SourceScan;
  /** The file itself is in them as `scan`, not as it was when they were read. */
  readonly modules: readonly SourceModule[];
}

export interface SourceFinding {
  readonly code: SourceRuleCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
}

export type SourceCheck = (unit: SourceUnit) => Iterable<SourceFinding>;

/** A finding of a rule, its message made of the facts that the rule asks for. */
export function sourceFinding<Code extends SourceRuleCode>(
  code: Code,
  span: Span,
  ...facts: Parameters<(typeof SOURCE_RULES)[Code]['message']>
): SourceFinding {
  const { severity, message }: Rule = SOURCE_RULES[code];
  return { code, severity, message: message(...facts), span };
}

/** The calls of a file that the compiler may see. */
export function codeCalls({ calls }: SourceScan): MacroCall[] {
  return calls.filter(({ place }) => place === 'code');
}

/**
 * True where a macro that is not known here gets a name as an argument, or may make names of its own: then it is not
 * known what that name is.
 */
export function isMadeByMacro(files: readonly SourceFile[], name: string, macros: RegExp): boolean {
  const templates = files.flatMap(({ scan }) => scan.calls.filter(({ place }) => place === 'template'));
  if (templates.some((call) => macros.test(call.name))) return true;
  const foreign = new RegExp(`^([A-Za-z_]\\w*)[ \\t]*\\([^;{}]*?\\b${name}\\b`, 'gm');
  return files.some(({ scan }) =>
    [...scan.text.matchAll(foreign)].some(([, macro = '']) => !MODULE_MACROS.has(macro)),
  );
}
