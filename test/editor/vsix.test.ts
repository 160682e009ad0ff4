import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installPackage } from './installPackage';
import { tracerAtWork, traceSince, tracing } from './trace';
import { useWorkbench } from './useWorkbench';

const folder = mkdtempSync(join(tmpdir(), 'kmod-vsix-'));
const trace = join(folder, 'trace.jsonl');
let installed = '';

afterAll(() => rmSync(folder, { recursive: true }));

describe('the packaged extension, installed in a clean editor', () => {
  const workbench = useWorkbench({
    files: { 'modprobe.d/bad.conf': 'optoins dummy\n' },
    ...tracing(trace),
    prepare: (folders) => {
      installed = installPackage(folders);
    },
  });

  it('holds what a user runs, and no source, test, sample or package folder', () => {
    const files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
    expect(files).toEqual(
      expect.arrayContaining(['package.json', 'dist/client.js', 'dist/server.js', 'dist/cli.js']),
    );
    expect(files.filter((file) => /\.(tsx?|mts|map|ko|node|so|wasm)$/.test(file))).toEqual([]);
    expect([...new Set(files.map((file) => (file.includes('/') ? file.split('/')[0] : '.')))].sort()).toEqual(
      ['.', 'dist', 'docs', 'media', 'syntaxes'],
    );
  });

  it('holds every bundle that another one requires', () => {
    const bundles = readdirSync(join(installed, 'dist'));
    const required = bundles.flatMap((bundle) =>
      [
        ...readFileSync(join(installed, 'dist', bundle), 'utf8').matchAll(/require\("\.\/([\w-]+\.js)"\)/g),
      ].map(([, name]) => name),
    );
    expect(required).not.toEqual([]);
    expect(bundles).toEqual(expect.arrayContaining(required));
  });

  it('holds the notices of the packages that are in its bundles', () => {
    const notices = readFileSync(join(installed, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['ssh2', 'elfy', 'xz-decompress', '@dagrejs/dagre', 'vscode-languageclient']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, 'm'));
    }
  });

  it('has its views and its language server', async () => {
    await tracerAtWork(trace);
    await workbench().openFile('modprobe.d/bad.conf');
    await workbench().openProblems();
    await workbench().problem('optoins').waitFor();
    await workbench().openContainer('Kernel Modules');
    await workbench().row('Targets', 'scratch').waitFor();
    await workbench().screenshot('vsix');
  });

  it('activated without a connection and without reading a module', () => {
    const events = [...traceSince(trace, '/dist/client.js'), ...traceSince(trace, '/dist/server.js')];
    expect(events).not.toEqual([]);

    const paths = (what: string) =>
      events.filter((event) => event.what === what).map(({ subject }) => subject);
    expect(paths('connect').filter((stack) => stack.includes(installed))).toEqual([]);
    expect(paths('open').filter((path) => /\.ko(\.(gz|xz|zst))?$/.test(path))).toEqual([]);
    expect(paths('load').map((path) => basename(path))).not.toContain('ssh2.js');
  });
});
