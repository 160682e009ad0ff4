import { NEWEST_KMOD, type KmodVersion } from '../../kmod/config/versions';
import type { RuleCode, Severity } from './analysis/rules';
import type { SourceRuleCode } from './c/rules';

/** What a user may choose about diagnostics. */
export interface DiagnosticSettings {
  /** By code, where it shall differ from the rule's own. */
  readonly severity: Readonly<Partial<Record<RuleCode | SourceRuleCode, Severity | 'off'>>>;
  /** The kmod that reads the files. */
  readonly kmod: KmodVersion;
}

export const DEFAULT_SETTINGS: DiagnosticSettings = { severity: {}, kmod: NEWEST_KMOD };
