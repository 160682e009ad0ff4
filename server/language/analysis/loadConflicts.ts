import { wordSpan } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { entriesFor, subjectOf } from './entries';
import { finding, placeOf, type Check, type Entry } from './finding';
import { choice, deleteLine } from './fix';

/** Modules of modules-load.d that modprobe.d, or the kernel command line, blacklists. */
export const loadConflicts: Check = function* ({ syntax, entries }) {
  const blacklisted = new Map<string, Entry>();
  for (const entry of entriesFor(entries, 'blacklist').toReversed()) {
    blacklisted.set(normalizeModuleName(subjectOf(entry)), entry);
  }
  for (const node of syntax.nodes) {
    if (node.kind !== 'module') continue;
    const { line, name } = node;
    const entry = blacklisted.get(normalizeModuleName(name.text));
    if (entry === undefined) continue;
    // The names of modprobe.blacklist= are compared as they stand (kmod_config_parse_kcmdline()).
    const written = entry.statement.arguments[0]?.text ?? '';
    const neverMatches = entry.file?.uri === undefined && written.includes('-');
    const what = neverMatches
      ? `modprobe.blacklist=${written} does not stop this module: kmod compares it with '_'`
      : `systemd-modules-load skips this module: it is blacklisted in ${placeOf(entry)}`;
    yield {
      ...finding('load-conflict', wordSpan(line, name), what),
      fixes: neverMatches ? [] : [choice('Delete the line', deleteLine(line, syntax.source))],
      related: { entry, message: 'the blacklist line' },
    };
  }
};
