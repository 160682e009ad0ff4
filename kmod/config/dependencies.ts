import type { Word } from './syntax';

export interface DependencyWord extends Word {
  /** 'marker' is `pre:` or `post:` itself; kmod ignores what is 'dropped': words in front of the first marker. */
  readonly role: 'pre' | 'post' | 'marker' | 'dropped';
}

/**
 * Splits the list of a softdep line as kmod_config_add_softdep() does.
 * @param text with `index` 0 at its own start
 */
export function parseSoftDependencies(text: string): DependencyWord[] {
  let mode: 'pre' | 'post' | 'dropped' = 'dropped';
  return listWords(text).map((word) => {
    if (word.text !== 'pre:' && word.text !== 'post:') return { ...word, role: mode };
    mode = word.text === 'pre:' ? 'pre' : 'post';
    return { ...word, role: 'marker' };
  });
}

/**
 * Splits a list at what isspace() takes for a blank. A single blank in front of the first word (a second
 * one after the name, that is) becomes a part of that word, so ` pre:` is no marker. Two or more do not.
 */
export function listWords(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/[^ \t\n\v\f\r]+/g)) {
    const glued = match.index === 1;
    words.push(
      glued ? { text: text.slice(0, 1) + match[0], index: 0 } : { text: match[0], index: match.index },
    );
  }
  return words;
}
