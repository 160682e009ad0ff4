import type { Word } from './syntax';

export interface DependencyWord extends Word {
  /** 'marker' is `pre:` or `post:` itself; kmod ignores what is 'dropped': words in front of the first marker. */
  readonly role: 'pre' | 'post' | 'marker' | 'dropped';
}

/** Splits the list of a softdep line as kmod_config_add_softdep() does. */
export function parseSoftDependencies(list: Word): DependencyWord[] {
  let mode: 'pre' | 'post' | 'dropped' = 'dropped';
  return listWords(list).map(({ text, index }) => {
    if (text !== 'pre:' && text !== 'post:') return { text, index, role: mode };
    mode = text === 'pre:' ? 'pre' : 'post';
    return { text, index, role: 'marker' };
  });
}

/**
 * Splits a list at what isspace() takes for a blank. A single blank in front of the first word (a second
 * one after the name, that is) becomes a part of that word, so ` pre:` is no marker. Two or more do not.
 */
export function listWords({ text, index }: Word): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/[^ \t\n\v\f\r]+/g)) {
    const start = match.index === 1 ? 0 : match.index;
    words.push({ text: text.slice(start, match.index + match[0].length), index: index + start });
  }
  return words;
}

/** The modules of a softdep line, in its order. */
export function softDependencies(list: string): { readonly pre: string[]; readonly post: string[] } {
  const words = parseSoftDependencies({ text: list, index: 0 });
  const named = (role: 'pre' | 'post') => words.filter((word) => word.role === role).map(({ text }) => text);
  return { pre: named('pre'), post: named('post') };
}

/** The modules of a weakdep line. */
export function weakDependencies(list: string): string[] {
  return listWords({ text: list, index: 0 }).map(({ text }) => text);
}
