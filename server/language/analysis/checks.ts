import type { ConfigNode } from '../../../kmod/config/syntax';
import { aliases, aliasNames } from './aliases';
import { weakBlacklists } from './blacklists';
import { excessText } from './comments';
import { continuationTraps } from './continuations';
import { depmodLines, searchWithoutUpdates } from './depmod';
import { droppedLines } from './droppedLines';
import { duplicates, shadowedCommands } from './duplicates';
import { files } from './files';
import type { FileCheck, Finding, LineCheck, Unit } from './finding';
import { commands } from './installs';
import { crLfLineEnds, invisibleCharacters } from './invisible';
import { builtinModules, unknownModules, unknownParameters } from './modules';
import { loadConflicts } from './loadConflicts';
import { moduleLines } from './modulesLoadLines';
import { ignoredGlobs, notModuleNames } from './names';
import { badParameterValues, overriddenParameters, parameterSyntax } from './parameters';
import { shadowedSoftdeps, softdepCycles, softdepSyntax } from './softdeps';

const LINE_CHECKS: readonly LineCheck[] = [
  droppedLines,
  moduleLines,
  loadConflicts,
  excessText,
  invisibleCharacters,
  continuationTraps,
  notModuleNames,
  ignoredGlobs,
  unknownModules,
  unknownParameters,
  builtinModules,
  parameterSyntax,
  badParameterValues,
  overriddenParameters,
  aliases,
  aliasNames,
  weakBlacklists,
  commands,
  softdepSyntax,
  shadowedSoftdeps,
  duplicates,
  shadowedCommands,
  depmodLines,
];

const FILE_CHECKS: readonly FileCheck[] = [crLfLineEnds, softdepCycles, searchWithoutUpdates, files];

/** Of one line. Nobody reads more, and what is found is kept as long as the file is open. */
const MOST_FINDINGS = 100;

/** All that is wrong with a line; of a line that is wrong in more places than anyone reads, the first ones. */
export function checkLine(node: ConfigNode, unit: Unit): readonly Finding[] {
  const found: Finding[] = [];
  for (const run of LINE_CHECKS) {
    for (const finding of run(node, unit)) {
      if (found.push(finding) === MOST_FINDINGS) return found;
    }
  }
  return found;
}

/** What only the file as a whole tells. */
export function checkFile(unit: Unit): readonly Finding[] {
  return FILE_CHECKS.flatMap((run) => [...run(unit)]);
}
