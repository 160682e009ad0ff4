import { wordSpan } from '../../../kmod/config/syntax';
import { normalizeModuleName } from '../../../kmod/name';
import { finding, placeOf, type LineCheck } from './finding';
import { choice, deleteLine } from './fix';

/** Modules of modules-load.d that modprobe.d, or the kernel command line, blacklists. */
export const loadConflicts: LineCheck = function* (node, { syntax, entries }) {
  if (node.kind !== 'module') return;
  const { line, name } = node;
  const [entry] = entries.about('blacklist', normalizeModuleName(name.text));
  if (entry === undefined) return;
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
};
