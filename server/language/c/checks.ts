import { badAliases, softDependencies } from './aliases';
import type { SourceFinding, SourceUnit } from './finding';
import { missingStatements, unknownLicenses } from './license';
import {
  descriptionsWithoutParameter,
  parametersWithoutDescription,
  parameterTypes,
  permissions,
} from './parameterChecks';

const CHECKS = [
  missingStatements,
  unknownLicenses,
  descriptionsWithoutParameter,
  parametersWithoutDescription,
  parameterTypes,
  permissions,
  badAliases,
  softDependencies,
];

/** All that is wrong with the module macros of a C file, in the order of its text. */
export function checkSource(unit: SourceUnit): SourceFinding[] {
  return CHECKS.flatMap((run) => [...run(unit)]).sort((a, b) => a.span.start - b.span.start);
}
