import { aliases, aliasNames } from './aliases';
import { weakBlacklists } from './blacklists';
import { excessText } from './comments';
import { continuationTraps } from './continuations';
import { depmodLines } from './depmod';
import { droppedLines } from './droppedLines';
import { duplicates, shadowedCommands } from './duplicates';
import { files } from './files';
import type { Finding, Unit } from './finding';
import { commands } from './installs';
import { invisibleCharacters } from './invisible';
import { builtinModules, unknownModules, unknownParameters } from './modules';
import { loadConflicts } from './loadConflicts';
import { moduleLines } from './modulesLoadLines';
import { ignoredGlobs, notModuleNames } from './names';
import { badParameterValues, overriddenParameters, parameterSyntax } from './parameters';
import { shadowedSoftdeps, softdepCycles, softdepSyntax } from './softdeps';

const CHECKS = [
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
  softdepCycles,
  duplicates,
  shadowedCommands,
  depmodLines,
  files,
];

/** All that is wrong with a file, in the order of its text. */
export function check(unit: Unit): Finding[] {
  return CHECKS.flatMap((run) => [...run(unit)]).sort((a, b) => a.span.start - b.span.start);
}
