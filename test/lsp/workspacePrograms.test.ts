import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Bundle, Client } from './client';

const bundle = new Bundle();
beforeAll(() => bundle.make());
afterAll(() => bundle.remove());

/** What the server, or anything below it, might have a mind to run. */
const NAMES = [
  'modprobe',
  'kmod',
  'modinfo',
  'depmod',
  'ssh',
  'make',
  'sh',
  'dpkg-query',
  'rpm',
  'uname',
  'npm',
  'node',
];

let workspace: string;
let marks: string;
beforeEach(() => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'kmod-traps-')));
  workspace = join(directory, 'workspace');
  marks = join(directory, 'marks');
  mkdirSync(join(workspace, 'modprobe.d'), { recursive: true });
  mkdirSync(marks);
  for (const name of NAMES) {
    const trap = `#!/bin/sh\n: > '${marks}/${name}'\necho 'kmod version 12'\n`;
    writeFileSync(join(workspace, name), trap, { mode: 0o755 });
  }
});
afterEach(() => rmSync(join(workspace, '..'), { recursive: true }));

it.each([undefined, '', ':', '.', '/usr/bin:/bin:', ':/usr/bin', '/usr/bin::/bin', '/usr/bin:.'])(
  'the server runs nothing of the workspace that it is started in, with PATH=%j',
  async (path) => {
    const set = path === undefined ? ['-u', 'PATH'] : [`PATH=${path}`];
    const launcher = ['/usr/bin/env', '-C', workspace, ...set];
    const client = new Client([bundle.server, '--stdio'], {
      launcher,
      folder: pathToFileURL(workspace).href,
      settings: {},
    });
    await client.initialize();
    const uri = pathToFileURL(join(workspace, 'modprobe.d/x.conf')).href;
    // What an extended softdep means, and weakdep, depends on the version: it is asked for.
    await client.open(uri, 'weakdep a b\noptoins dummy\n');
    await client.until(async () => (await client.codesIn(uri)).includes('unknown-command'));
    await client.hover(uri, { line: 0, character: 2 });
    await client.labels(uri, { line: 1, character: 14 });
    expect(await client.stop()).toBe(0);

    expect(readdirSync(marks)).toEqual([]);
  },
);
