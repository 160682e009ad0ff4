import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePrivateDirectory, sweepPrivateDirectories } from '../../../../client/targets/privateDirectory';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kmod-test-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const place = (name: string, mode: number): string => {
  const path = join(base, name);
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
};

describe('a directory of our own', () => {
  it('is made where others may replace only what is theirs', async () => {
    const [open, shared] = [place('open', 0o777), place('shared', 0o1777)];
    expect(await makePrivateDirectory([open, shared])).toContain(shared);
    expect(await makePrivateDirectory([place('own', 0o755)])).toContain('own');
    await expect(makePrivateDirectory([open])).rejects.toThrow(/others may replace/);
  });

  it('that an editor has left is removed, and no other', async () => {
    const make = (name: string, mode = 0o700): string => place(`kmod-ssh-${name}`, mode);
    const old = (path: string): string => {
      utimesSync(path, 0, 0);
      return path;
    };
    const dead = make('dead');
    const listen =
      'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, 9))';
    spawnSync(process.execPath, ['-e', listen, join(dead, 'q')]);
    const used = make('used');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(used, 'q'), resolve));
    const other = make('other');
    writeFileSync(join(other, 'precious'), '');
    const stay = [used, make('made now'), old(other), old(make('open to others', 0o755))];
    const link = join(base, 'kmod-ssh-link');
    symlinkSync(dead, link);
    const go = [dead, old(make('of a full disk'))];
    await sweepPrivateDirectories([base]);
    server.close();
    expect(go.filter((path) => existsSync(path))).toEqual([]);
    expect(stay.filter((path) => !existsSync(path))).toEqual([]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });
});
