import { listWords, parseSoftDependencies } from '../../../kmod/config/dependencies';
import { wordSpan } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { entriesFor, firstMatch, subjectOf } from './entries';
import { finding, keptStatements, placeOf, type Check, type Entry } from './finding';
import { choice } from './fix';
import { callsIn } from './modprobeCalls';

/** Blacklisted modules that something in the configuration loads all the same. */
export const weakBlacklists: Check = function* ({ syntax, entries }) {
  const loaders = loadersOf(entries);
  const findInstall = firstMatch(entriesFor(entries, 'install'));
  for (const { command, line, arguments: found } of keptStatements(syntax)) {
    const [module] = found;
    if (command.text !== 'blacklist' || module === undefined) continue;
    const loader = loaders.get(module.value);
    if (loader === undefined || findInstall(module.value) !== undefined) continue;
    const who = `by the ${loader.statement.command.text} of ${subjectOf(loader)} (${placeOf(loader)})`;
    const added = `\ninstall ${module.text} /bin/false`;
    yield {
      ...finding('blacklist-not-absolute', wordSpan(line, module), module.text, who),
      fixes: [
        choice(`Add 'install ${module.text} /bin/false'`, {
          span: { start: line.end, end: line.end },
          text: added,
        }),
      ],
      related: { entry: loader, message: `loads ${module.text}` },
    };
  }
};

/** By module: the first line that loads it for another one. */
function loadersOf(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  const loaders = new Map<string, Entry>();
  for (const entry of [...entriesFor(entries, 'softdep'), ...entriesFor(entries, 'install')]) {
    for (const module of loadedBy(entry)) {
      if (!loaders.has(module) && module !== subjectOf(entry)) loaders.set(module, entry);
    }
  }
  return loaders;
}

function loadedBy({ statement }: Entry): string[] {
  const [, argument] = statement.arguments;
  if (argument === undefined) return [];
  if (argument.shape.kind === 'shell-command') {
    return callsIn(argument)
      .filter(({ loads, usesBlacklist }) => loads && !usesBlacklist)
      .map(({ module }) => normalizeModuleName(module.text));
  }
  const words =
    argument.shape.kind === 'soft-dependencies'
      ? parseSoftDependencies(argument).filter(({ role }) => role === 'pre' || role === 'post')
      : listWords(argument);
  return words.map(({ text }) => normalizeModuleName(text));
}
