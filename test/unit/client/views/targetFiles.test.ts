import { expect, it, vi } from 'vitest';
import { TargetFiles } from '../../../../client/views/targetFiles';

const opened = vi.hoisted((): { uri: unknown }[] => []);
vi.mock('vscode', () => ({
  EventEmitter: class {
    event = undefined;
    fire(): void {}
  },
  Disposable: { from: () => ({ dispose: () => undefined }) },
  workspace: { registerTextDocumentContentProvider: () => undefined, textDocuments: opened },
  Uri: {
    from: ({ authority, path }: { authority: string; path: string }) => {
      const text = `kmod-target://${authority}${path}`;
      return { authority, path, toString: () => text };
    },
  },
}));

it('keeps the files of the last explanations, and those that are open, in 8 MiB of text', () => {
  const files = new TargetFiles();
  const text = 'x'.repeat(1024 * 1024);
  const uris = Array.from({ length: 20 }, (_, index) => {
    const uri = files.put('board', `/etc/modprobe.d/${index}.conf`, text);
    if (index === 0) opened.push({ uri });
    return uri;
  });
  const kept = uris.flatMap((uri, index) => {
    try {
      return files.provideTextDocumentContent(uri) === text ? [index] : [];
    } catch {
      return [];
    }
  });
  expect(kept).toEqual([0, 13, 14, 15, 16, 17, 18, 19]);
});
