import { isGlob } from '../../../kmod/config/glob';
import { wordSpan } from '../../../kmod/config/syntax';
import { entriesFor, firstMatch, subjectOf } from './entries';
import { finding, placeOf, type Check, type Entry } from './finding';
import { choice, deleteLine, safe } from './fix';

/** Lines that say again what another one says. */
export const duplicates: Check = function* ({ entries, syntax }) {
  const first = new Map<string, Entry>();
  for (const entry of [...entriesFor(entries, 'alias'), ...entriesFor(entries, 'blacklist')]) {
    const { command, line, arguments: found } = entry.statement;
    const key = [command.text, ...found.map(({ value }) => value)].join(' ');
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, entry);
    } else if (entry.file === undefined) {
      yield {
        ...finding('duplicate-entry', { start: line.start, end: line.end }, command.text, placeOf(earlier)),
        fixes: [safe('Delete the line', deleteLine(line, syntax.source))],
        related: { entry: earlier, message: 'the first one' },
      };
    }
  }
};

/** Commands for a module that has one already. */
export const shadowedCommands: Check = function* ({ entries, syntax }) {
  for (const name of ['install', 'remove']) {
    const ofName = entriesFor(entries, name);
    const find = firstMatch(ofName);
    const patterns = new Map<string, Entry>();
    for (const entry of ofName) {
      const subject = subjectOf(entry);
      // Of two patterns, only equal ones are sure to match the same modules.
      const earlier = isGlob(subject) ? patterns.get(subject) : find(subject);
      if (isGlob(subject) && earlier === undefined) patterns.set(subject, entry);
      const { line, arguments: found } = entry.statement;
      const [module] = found;
      if (entry.file !== undefined || module === undefined || earlier === undefined || earlier === entry)
        continue;
      yield {
        ...finding('install-shadowed', wordSpan(line, module), name, module.text, placeOf(earlier)),
        fixes: [choice('Delete the line', deleteLine(line, syntax.source))],
        related: { entry: earlier, message: 'the one that counts' },
      };
    }
  }
};
