import { isGlob } from '../../../kmod/config/glob';
import { wordSpan, type Statement } from '../../../kmod/config/syntax';
import { subjectOf } from './entries';
import { finding, ofKept, placeOf, type Entry } from './finding';
import { choice, deleteLine, safe } from './fix';
import { memoized } from './memo';

/** Lines that say again what another one says. */
export const duplicates = ofKept(function* (statement, { entries, syntax }) {
  const { command, line } = statement;
  if (command.text !== 'alias' && command.text !== 'blacklist') return;
  const same = entries.about(command.text, subjectOf({ statement }));
  const earlier = firstOfEach(same).get(textOf(statement));
  if (earlier === undefined || earlier.statement === statement) return;
  yield {
    ...finding('duplicate-entry', { start: line.start, end: line.end }, command.text, placeOf(earlier)),
    fixes: [safe('Delete the line', deleteLine(line, syntax.source))],
    related: { entry: earlier, message: 'the first one' },
  };
});

const firstOfEach = memoized((entries: readonly Entry[]): ReadonlyMap<string, Entry> => {
  return new Map(entries.toReversed().map((entry) => [textOf(entry.statement), entry]));
});

function textOf({ arguments: found }: Statement): string {
  return found.map(({ value }) => value).join(' ');
}

/** Commands for a module that has one already. */
export const shadowedCommands = ofKept(function* ({ command, line, arguments: [module] }, unit) {
  const name = command.text;
  if ((name !== 'install' && name !== 'remove') || module === undefined) return;
  // Of two patterns, only equal ones are sure to match the same modules.
  const earlier = isGlob(module.value)
    ? unit.entries.about(name, module.value)[0]
    : unit.entries.first(name, module.value);
  if (earlier === undefined || earlier.statement.line === line) return;
  // A name that is no module's is looked up among the lines themselves, where only the very name counts.
  const isFoundByName = subjectOf(earlier) !== module.value && unit.catalog.peek(module.value) !== 'module';
  if (isFoundByName) return;
  yield {
    ...finding('install-shadowed', wordSpan(line, module), name, module.text, placeOf(earlier)),
    fixes: [choice('Delete the line', deleteLine(line, unit.syntax.source))],
    related: { entry: earlier, message: 'the one that counts' },
  };
});
