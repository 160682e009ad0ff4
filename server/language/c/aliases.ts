import { parseSoftDependencies } from '../../../kmod/config/dependencies';
import { argumentOf } from '../../../kmod/source/moduleSource';
import { stringOf } from '../../../kmod/source/strings';
import { codeCalls, sourceFinding, type SourceCheck } from './finding';
import type { SourceModule } from './sources';

export const badAliases: SourceCheck = function* ({ scan }) {
  for (const call of codeCalls(scan)) {
    const argument = argumentOf(call, 'alias');
    const alias = argument && stringOf(argument)?.text;
    if (argument === undefined || alias === undefined) continue;
    const why = faultOf(alias);
    if (why !== undefined) yield sourceFinding('module-alias', argument.span, alias, why);
  }
};

function faultOf(alias: string): string | undefined {
  if (alias === '') return 'it is empty';
  if (/\s/.test(alias))
    return 'a blank ends the name in modules.alias, and no device has one in its modalias';
  // kmod's alias_normalize(): a ']' without '[', or a '[' that is not closed.
  const outside = alias.replace(/\[[^\]]*\]?/g, (piece) => (piece.endsWith(']') ? '' : piece));
  return /[[\]]/.test(outside) ? 'depmod finds an unmatched [ or ] in it' : undefined;
}

export const softDependencies: SourceCheck = function* ({ scan, modules }) {
  const isRepeated = modules.some((module) => softDependenciesOf(module) > 1);
  for (const call of codeCalls(scan)) {
    const argument = argumentOf(call, 'soft-dependencies');
    const list = argument && stringOf(argument);
    if (list === undefined) continue;
    for (const { text, index, role } of parseSoftDependencies({ text: list.text, index: 0 })) {
      const word = text.trim();
      const why = role === 'marker' ? undefined : faultOfWord(word, role);
      if (why !== undefined) {
        const start = index + text.indexOf(word);
        yield sourceFinding('module-softdep', list.spanOf(start, start + word.length), word, why);
      }
    }
    if (isRepeated) yield sourceFinding('repeated-softdep', call.nameSpan);
  }
};

function faultOfWord(word: string, role: 'pre' | 'post' | 'dropped'): string | undefined {
  const marker = /^(pre|post):?$/i.exec(word)?.[1]?.toLowerCase();
  // kmod takes a single blank in front of the list for a part of its first word.
  if (marker !== undefined && word === `${marker}:`)
    return `a blank in front of '${marker}:' hides it: remove it`;
  if (marker !== undefined) return `lists start with '${marker}:', in lower case and with the colon`;
  if (role === 'dropped') return "it stands in front of 'pre:' and 'post:'";
  const others = /[^\w:.*?[\]-]+/.exec(word)?.[0];
  return others === undefined
    ? undefined
    : `'${others}' becomes a part of the name; only blanks separate names`;
}

/** Those that the compiler sees in any case. */
function softDependenciesOf({ files }: SourceModule): number {
  return files.flatMap(({ scan }) =>
    codeCalls(scan).filter(({ name, conditional }) => name === 'MODULE_SOFTDEP' && !conditional),
  ).length;
}
