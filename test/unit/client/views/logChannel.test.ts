import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogChannel } from '../../../../client/views/logChannel';

const WRITERS = ['trace', 'debug', 'info', 'warn', 'error', 'append', 'appendLine', 'replace'] as const;

const editor = vi.hoisted(() => ({ written: [] as unknown[][] }));
vi.mock('vscode', () => ({
  window: {
    createOutputChannel: () => {
      const write = (...parts: unknown[]) => editor.written.push(parts);
      return new Proxy({}, { get: (_channel, name) => (name === 'name' ? 'Log' : write) });
    },
  },
}));
afterEach(() => void editor.written.splice(0));

describe.each(WRITERS)('what is written by %s', (writer) => {
  it('has no sequence that a terminal would act on, and keeps its lines', () => {
    createLogChannel('Log')[writer]('a\x1b]52;c;eA==\x07b\r\n\tc\u202ed\u2028e');
    expect(editor.written).toEqual([['a\ufffd]52;c;eA==\ufffdb\ufffd\n\tc\ufffdd\ufffde']]);
  });

  it('ends after 64 Ki characters, and says so', () => {
    createLogChannel('Log')[writer](`${'x'.repeat(64 * 1024 - 1)}😀y`);
    const [[text = ''] = []] = editor.written as string[][];
    expect(text).toBe(`${'x'.repeat(64 * 1024 - 1)}\ufffd… (2 characters more)`);
  });

  it('is nothing once the log is gone', () => {
    const log = createLogChannel('Log');
    log.dispose();
    editor.written.splice(0);
    log[writer]('late');
    expect(editor.written).toEqual([]);
  });
});

it('an error and what belongs to it are one entry, with no sequence in any of them', () => {
  createLogChannel('Log').error(new Error('a\x1bb'), 'c\x1bd', 7);
  expect(editor.written).toEqual([['Error: a\ufffdb c\ufffdd 7']]);
});
