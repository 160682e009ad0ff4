import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { after, eventually, open } from './support';

describe('a C file of a module', () => {
  it('has diagnostics, completion and hovers of module macros', async () => {
    // The server starts with the first file that is surely its own.
    await open('modprobe.d/good.conf');
    const document = await open('module/x.c');
    assert.equal(document.languageId, 'c');
    const diagnostics = await eventually(() => {
      const found = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'kmod');
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(
      diagnostics.map(({ code }) => (typeof code === 'object' ? code.value : code)),
      ['refused-permissions'],
    );
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      after(document, 'MODULE_LICENSE("'),
    );
    const offered = items.filter(({ label }) => label === 'Dual MIT/GPL');
    assert.equal(offered.length, 1);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      after(document, 'MODULE_LIC'),
    );
    const told = hovers.flatMap(({ contents }) => contents) as vscode.MarkdownString[];
    assert.equal(told.filter(({ value }) => value.includes('modpost')).length, 1);
  });

  it('is formatted and renamed by others', async () => {
    const document = await open('module/x.c');
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[] | undefined>(
      'vscode.executeFormatDocumentProvider',
      document.uri,
      { tabSize: 8, insertSpaces: false },
    );
    assert.equal(edits, undefined);
    const symbols = await vscode.commands.executeCommand<unknown[] | undefined>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.equal(symbols, undefined);
  });
});
