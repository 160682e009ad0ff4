import { directivesOf } from '../../../kmod/config/directives';
import { blanksAtEnd } from '../../../kmod/config/lines';
import { wordSpan } from '../../../kmod/config/syntax';
import { isModuleName } from '../../../kmod/name';
import { finding, type LineCheck } from './finding';
import { choice, moveLine, replaceLine, safe, type Fix } from './fix';

/** modules-load.d: the whole line is one name. */
export const moduleLines: LineCheck = function* (node, { syntax: { source } }) {
  if (node.kind !== 'module') return;
  const { line, name } = node;
  const span = wordSpan(line, name);
  const words = name.text.split(/[ \t]+/);
  const [first = '', second] = words;
  const sign = name.text.search(/[ \t][#;]/);
  const plain = name.text.slice(0, blanksAtEnd(name.text.slice(0, Math.max(sign, 0))));
  const comment = sign < 0 ? undefined : name.text.slice(sign + 1);
  if (second !== undefined && directivesOf('modprobe').has(first)) {
    const found = finding(
      'wrong-dialect',
      span,
      'modprobe.d syntax',
      'move the line to a file in modprobe.d',
    );
    yield { ...found, fixes: [moveLine(line, source, 'modprobe.d', name.text)] };
  } else if (comment !== undefined) {
    const found = finding('modules-load-line', span, name.text, 'a comment needs a line of its own');
    const fix = safe('Move the comment to its own line above', replaceLine(line, `${comment}\n${plain}`));
    yield { ...found, fixes: [fix] };
  } else if (second !== undefined) {
    const why = 'one name a line; the options of a module go into modprobe.d';
    const fixes: Fix[] = words.every(isModuleName)
      ? [choice('Write one line per name', replaceLine(line, words.join('\n')))]
      : [
          {
            ...moveLine(line, source, 'modprobe.d', `options ${name.text}`),
            title: 'Move the options to modprobe.d',
            edits: [replaceLine(line, first)],
          },
        ];
    yield { ...finding('modules-load-line', span, name.text, why), fixes };
  } else if (name.text.endsWith('\\')) {
    const found = finding('modules-load-line', span, name.text, 'there are no continuation lines');
    yield { ...found, fixes: [choice('Delete the backslash', replaceLine(line, name.text.slice(0, -1)))] };
  }
};
