import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { after, eventually, open } from './support';

async function hoverText(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const hovers = await eventually(async () => {
    const found = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      position,
    );
    return found.length > 0 ? found : undefined;
  });
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

/** The labels that are offered, once the wanted one is among them. */
async function completions(
  document: vscode.TextDocument,
  position: vscode.Position,
  wanted: string,
): Promise<vscode.CompletionItem> {
  return eventually(async () => {
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      position,
    );
    return list.items.find(({ label }) => (typeof label === 'string' ? label : label.label) === wanted);
  });
}

describe('a modprobe.d file', () => {
  it('has a diagnostic on the line that kmod drops, and on no other', async () => {
    const document = await open('modprobe.d/bad.conf');
    const diagnostics = await eventually(() => {
      const found = vscode.languages.getDiagnostics(document.uri);
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(
      diagnostics.map(({ range }) => range.start.line),
      [1],
    );
    assert.equal(diagnostics[0]?.severity, vscode.DiagnosticSeverity.Error);
  });

  it('shows the modinfo of the module under the cursor', async () => {
    const document = await open('modprobe.d/good.conf');
    assert.match(await hoverText(document, after(document, 'options du')), /dummy/);
  });

  it('shows the description of the parameter under the cursor', async () => {
    const document = await open('modprobe.d/good.conf');
    assert.match(await hoverText(document, after(document, 'numd')), /Number of dummy pseudo devices/);
  });

  it('completes directives at the start of a line', async () => {
    const document = await open('modprobe.d/typing.conf');
    await completions(document, new vscode.Position(0, 0), 'options');
  });

  it('completes the parameters of the module that the line names', async () => {
    const document = await open('modprobe.d/typing.conf');
    const { detail, documentation } = await completions(
      document,
      after(document, 'options dummy '),
      'numdummies',
    );
    const text = typeof documentation === 'string' ? documentation : (documentation?.value ?? '');
    assert.match(`${detail ?? ''} ${text}`, /int/);
    assert.match(`${detail ?? ''} ${text}`, /Number of dummy pseudo devices/);
  });

  it('has its directives as symbols', async () => {
    const document = await open('modprobe.d/bad.conf');
    const symbols = await eventually(async () => {
      const found = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
        'vscode.executeDocumentSymbolProvider',
        document.uri,
      );
      return found !== undefined && found.length > 0 ? found : undefined;
    });
    assert.match(symbols.map(({ name }) => name).join(' '), /dummy/);
  });
});
