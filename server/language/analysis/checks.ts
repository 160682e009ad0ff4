import { continuationTraps } from './continuations';
import { droppedLines, moduleLines, softDependencySyntax } from './droppedLines';
import type { Finding, Unit } from './finding';
import { invisibleCharacters } from './invisible';
import { unknownModules, unknownParameters } from './modules';

const CHECKS = [
  droppedLines,
  softDependencySyntax,
  moduleLines,
  invisibleCharacters,
  continuationTraps,
  unknownModules,
  unknownParameters,
];

/** All that is wrong with a file, in the order of its text. */
export function check(unit: Unit): Finding[] {
  return CHECKS.flatMap((run) => [...run(unit)]).sort((a, b) => a.span.start - b.span.start);
}
