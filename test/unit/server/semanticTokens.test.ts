import { describe, expect, it } from 'vitest';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { SEMANTIC_TOKENS_LEGEND } from '../../../server/language/features/semanticTokens';
import { open } from './harness';

/** Each token as its text and type. */
async function tokensIn(text: string, language?: ConfigLanguage): Promise<string[]> {
  const { service, document } = await open(text, language);
  const { data } = service.semanticTokens(document);
  const place = { line: 0, character: 0 };
  const tokens: string[] = [];
  for (let i = 0; i < data.length; i += 5) {
    const [lines = 0, characters = 0, length = 0, type = 0] = data.slice(i, i + 4);
    place.line += lines;
    place.character = lines === 0 ? place.character + characters : characters;
    const end = { line: place.line, character: place.character + length };
    tokens.push(
      `${document.getText({ start: { ...place }, end })}: ${SEMANTIC_TOKENS_LEGEND.tokenTypes[type]}`,
    );
  }
  return tokens;
}

describe('semantic tokens', () => {
  it('tell each word of modprobe.d', async () => {
    expect(await tokensIn('alias x-* hello\noptions hello count=1 "who=a b"\n')).toEqual([
      'alias: keyword',
      'x-*: regexp',
      'hello: namespace',
      'options: keyword',
      'hello: namespace',
      'count: parameter',
      '1: string',
      'who: parameter',
      'a b: string',
    ]);
  });

  it('tell the lists of a softdep, without what kmod drops', async () => {
    expect(await tokensIn('softdep a lost pre: b')).toEqual([
      'softdep: keyword',
      'a: namespace',
      'pre:: keyword',
      'b: namespace',
    ]);
  });

  it('tell nothing of a line that no editor colours, and all of the next one', async () => {
    const longest = `options a ${'b=1 '.repeat(4997)}`;
    expect(longest).toHaveLength(19_998);
    expect(await tokensIn(longest)).toHaveLength(2 + 2 * 4997);
    expect(await tokensIn(`${longest}b=1\nblacklist c`)).toEqual(['blacklist: keyword', 'c: namespace']);
  });

  it('tell a line that a comment swallows, and a word that goes on in the next line', async () => {
    expect(await tokensIn('# 😀 \\\nblacklist x\nblack\\\nlist y\n')).toEqual([
      '# 😀 \\: comment',
      'blacklist x: comment',
      'black\\: keyword',
      'list: keyword',
      'y: namespace',
    ]);
  });

  it('leave out a line that kmod drops, and the text of a command', async () => {
    expect(await tokensIn('bogus x\ninstall a /bin/true\n')).toEqual(['install: keyword', 'a: namespace']);
  });

  it('tell the words of depmod.d and modules-load.d', async () => {
    expect(await tokensIn('search updates extra\noverride a * b\n', 'depmod')).toEqual([
      'search: keyword',
      'updates: keyword',
      'extra: string',
      'override: keyword',
      'a: namespace',
      '*: regexp',
      'b: string',
    ]);
    expect(await tokensIn('; c\nhello\n', 'modules-load')).toEqual(['; c: comment', 'hello: namespace']);
  });
});
