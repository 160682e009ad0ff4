import { wordSpan } from '../../../kmod/config/syntax';
import { subjectOf } from './entries';
import { finding, ofKept, placeOf } from './finding';
import { choice } from './fix';

/** Blacklisted modules that something in the configuration loads all the same. */
export const weakBlacklists = ofKept(function* ({ command, line, arguments: [module] }, { entries }) {
  if (command.text !== 'blacklist' || module === undefined) return;
  const [loader = entries.loading('install', module.value)[0]] = entries.loading('softdep', module.value);
  if (loader === undefined || entries.first('install', module.value) !== undefined) return;
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
});
