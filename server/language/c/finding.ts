import type { Span } from '../../../kmod/config/lines';
import { MODULE_MACROS } from '../../../kmod/source/macros';
import type { MacroCall, SourceScan } from '../../../kmod/source/scan';
import { memoized } from '../analysis/memo';
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
 * Tells of a name whether a macro that is not known here gets it as an argument, or may make names of its own: then it
 * is not known what that name is.
 */
export function madeByMacros(files: readonly SourceFile[], macros: RegExp): (name: string) => boolean {
  const makesNames = files.some(({ scan }) =>
    scan.calls.some((call) => call.place === 'template' && macros.test(call.name)),
  );
  return (name) => makesNames || files.some(({ scan }) => foreignNames(scan).has(name));
}

/** All words between the parentheses of calls in column 1 whose macros are not known here. */
const foreignNames = memoized(({ text }: SourceScan): ReadonlySet<string> => {
  const names = new Set<string>();
  let until = 0;
  for (const { 0: head, 1: macro = '', index } of text.matchAll(/^([A-Za-z_]\w*)[ \t]*\(/gm)) {
    const start = index + head.length;
    if (start < until || MODULE_MACROS.has(macro)) continue;
    until = endOfStatement(text, start);
    for (const [name] of text.slice(start, until).matchAll(/\w+/g)) names.add(name);
  }
  return names;
});

function endOfStatement(text: string, start: number): number {
  const end = /[;{}]/g;
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}
