import type { LanguageClientOptions } from 'vscode-languageclient';
import { expect, it, vi } from 'vitest';
import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { LanguageServer } from '../../../client/languageClient';

const seen = vi.hoisted(() => ({ options: [] as unknown[] }));
vi.mock('vscode', () => ({
  workspace: { onDidOpenTextDocument: () => undefined, textDocuments: [] },
}));
vi.mock('vscode-languageclient/node', () => ({
  TransportKind: { ipc: 1 },
  LanguageClient: class {
    constructor(...[, , , options]: unknown[]) {
      seen.options.push(options);
    }
    onRequest(): void {}
    start = () => Promise.reject(new Error('not here'));
  },
}));

it('what the language server says goes to the log of the extension, and is no notification', async () => {
  const log = { name: 'Log' } as LogOutputChannel;
  const context = { asAbsolutePath: (path: string) => `/${path}` } as ExtensionContext;
  const unused = {} as never;
  const server = new LanguageServer({
    context,
    log,
    manager: unused,
    targetModules: unused,
    targetFiles: unused,
    workspaceModules: unused,
  });
  await expect(server.request('x', null)).rejects.toThrow('not here');
  const [options] = seen.options as LanguageClientOptions[];
  expect(options?.outputChannel).toBe(log);
  expect(options?.revealOutputChannelOn).toBe(4);
});
