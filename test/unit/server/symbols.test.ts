import { SymbolKind } from 'vscode-languageserver-types';
import { describe, expect, it } from 'vitest';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { open } from './harness';

/** Name, detail, kind, and the text that is selected. */
async function symbolsIn(text: string, language?: ConfigLanguage) {
  const { service, document } = await open(text, language);
  return service
    .symbols(document)
    .map(({ name, detail, kind, selectionRange }) => [name, detail, kind, document.getText(selectionRange)]);
}

describe('document symbols', () => {
  it('are the lines of modprobe.d that count', async () => {
    expect(
      await symbolsIn('# c\noptions hello a=1  b=2\nblacklist x y\nbogus z\nalias\nsoftdep a-b pre: c\n'),
    ).toEqual([
      ['options hello', 'a=1  b=2', SymbolKind.Property, 'hello'],
      ['blacklist x', '', SymbolKind.Null, 'x'],
      ['softdep a-b', 'pre: c', SymbolKind.Interface, 'a-b'],
    ]);
  });

  it('are the lines of depmod.d', async () => {
    expect(await symbolsIn('search updates extra\noverride a * b\nmake_map_files no\n', 'depmod')).toEqual([
      ['search updates', 'extra', SymbolKind.Property, 'updates'],
      ['override a', '* b', SymbolKind.Property, 'a'],
    ]);
  });

  it('are the modules of modules-load.d', async () => {
    expect(await symbolsIn('; c\n hello\n', 'modules-load')).toEqual([
      ['hello', undefined, SymbolKind.Module, 'hello'],
    ]);
  });

  it('reach over all lines of one that goes on', async () => {
    const { service, document } = await open('options hello \\\n  a=1\n');
    expect(service.symbols(document).map(({ range }) => [range.start.line, range.end.line])).toEqual([
      [0, 1],
    ]);
  });
});
