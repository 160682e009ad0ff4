import { wordSpan } from '../../../kmod/config/syntax';
import { subjectOf } from './entries';
import { finding, ofKept, placeOf, type Unit } from './finding';
import { choice } from './fix';

/** As many as a message names. */
const MAX_NAMED = 3;

/** Blacklisted modules that something loads all the same: a line of the configuration, or what depends on them. */
export const weakBlacklists = ofKept(function* ({ command, line, arguments: [module] }, unit) {
  const { entries } = unit;
  if (command.text !== 'blacklist' || module === undefined) return;
  if (entries.first('install', module.value) !== undefined) return;
  const [loader = entries.loading('install', module.value)[0]] = entries.loading('softdep', module.value);
  const dependants = loader === undefined ? looseDependants(module.value, unit) : [];
  if (loader === undefined && dependants.length === 0) return;
  const who =
    loader === undefined
      ? `as a dependency of ${listed(dependants)}`
      : `by the ${loader.statement.command.text} of ${subjectOf(loader)} (${placeOf(loader)})`;
  const added = `\ninstall ${module.text} /bin/false`;
  yield {
    ...finding('blacklist-not-absolute', wordSpan(line, module), module.text, who),
    fixes: [
      choice(`Add 'install ${module.text} /bin/false'`, {
        span: { start: line.end, end: line.end },
        text: added,
      }),
    ],
    ...(loader === undefined ? {} : { related: { entry: loader, message: `loads ${module.text}` } }),
  };
});

/** The modules that depend on a module, at any depth, and that no line of their own keeps from being loaded. */
function looseDependants(module: string, { catalog, entries }: Unit): string[] {
  const met = new Set([module]);
  const loose: string[] = [];
  for (const each of met) {
    for (const dependant of catalog.peek(each) === 'module' ? (catalog.peekDependants(each) ?? []) : []) {
      if (met.has(dependant) || entries.first('install', dependant) !== undefined) continue;
      if (entries.about('blacklist', dependant).length > 0) met.add(dependant);
      else if (!loose.includes(dependant)) loose.push(dependant);
    }
  }
  return loose;
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
