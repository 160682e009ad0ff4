import { spawnSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sysroot } from '../../../../engine/files/sysroot';

let outer = '';
let root = '';
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), 'kmod-sysroot-'));
  root = join(outer, 'root');
  mkdirSync(root);
});
afterEach(() => rmSync(outer, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

const LIMIT = 1000;
async function read(path: string): Promise<string | undefined> {
  const bytes = await new Sysroot(root).read(path, LIMIT);
  return bytes && Buffer.from(bytes).toString();
}

describe('a link of a sysroot', () => {
  beforeEach(() => {
    write(join(root, 'etc/inside'), 'inside');
    write(join(outer, 'etc/inside'), 'outside');
    write(join(outer, 'secret'), 'secret');
  });

  it.each([
    ['absolute', '/etc/inside'],
    ['with more .. than there are directories', '../../../../../../etc/inside'],
    ['to a directory and out of it', '/etc/../../../etc/inside'],
  ])('that is %s leads to what is inside', async (_what, target) => {
    link('a/b/link', target);
    expect(await read('/a/b/link')).toBe('inside');
    expect(new Sysroot(root).locate('/a/b/link')).toBe(join(root, 'etc/inside'));
  });

  it('leads nowhere where only this machine has its target', async () => {
    link('secret', join(outer, 'secret'));
    link('passwd', '/etc/passwd');
    link('up', '../secret');
    for (const path of ['/secret', '/passwd', '/up', '/../secret', '/etc/../../secret']) {
      expect([path, await read(path)]).toEqual([path, undefined]);
    }
  });

  it('that is a directory of the path counts as well', async () => {
    link('lib', '/usr/lib');
    write(join(root, 'usr/lib/modules/6.1/modules.dep'), 'a.ko:');
    expect(await read('/lib/modules/6.1/modules.dep')).toBe('a.ko:');
  });

  it('that goes in a circle leads nowhere, and so does one of more than 40', async () => {
    link('circle', 'circle');
    link('l0', 'etc/inside');
    for (let index = 1; index <= 41; index++) link(`l${index}`, `l${index - 1}`);
    expect(await read('/circle')).toBeUndefined();
    expect(await read('/l39')).toBe('inside');
    expect(await read('/l40')).toBeUndefined();
  });

  it('that doubles with each one takes no more than 40 steps', async () => {
    mkdirSync(join(root, 'd'));
    link('d/x0', '.');
    for (let index = 1; index < 60; index++) link(`d/x${index}`, `x${index - 1}/x${index - 1}`);
    expect(await read('/d/x59/y')).toBeUndefined();
  });
});

it('follows no path that is longer than Linux takes', () => {
  expect(new Sysroot(root).resolve('/a'.repeat(1_000_000))).toBeUndefined();
});

it('reads a device as /dev/null, and no FIFO, no directory and nothing above its limit', async () => {
  link('dev/null', '/dev/null');
  write(join(root, 'large'), 'x'.repeat(LIMIT + 1));
  spawnSync('mkfifo', [join(root, 'fifo')]);
  expect(await read('/dev/null')).toBeUndefined();
  link('masked', '/dev/null');
  expect(await Promise.all(['/fifo', '/', '/large'].map(read))).toEqual([undefined, undefined, undefined]);
  expect(new Sysroot(root).locate('/fifo')).toBeUndefined();
});

const NAMES = ['a', 'b', 'c', 'd'] as const;
const step = fc.constantFrom(...NAMES, '..', '.', '');
const target = fc
  .tuple(fc.constantFrom('', '/', '//'), fc.array(step, { minLength: 1, maxLength: 5 }))
  .map(([start, steps]) => start + steps.join('/'))
  .filter((text) => text !== '');
const place = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const system = fc.record({
  files: fc.array(place, { maxLength: 6 }),
  links: fc.array(fc.tuple(place, target), { maxLength: 8 }),
  paths: fc.array(target, { minLength: 10, maxLength: 30 }),
});

it('leads where a chroot leads, whatever the links are', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(system, async ({ files, links, paths }) => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
    for (const path of files) makeInside(path, () => write(join(root, path), path));
    for (const [path, to] of links) makeInside(path, () => symlinkSync(to, join(root, path)));
    const asked = paths.map((path) => `/${path}`);
    const sysroot = new Sysroot(root);
    const found: string[] = [];
    for (const path of asked) {
      const bytes = await sysroot.read(path, LIMIT);
      found.push(bytes === undefined ? '-' : Buffer.from(bytes).toString());
    }
    expect(found).toEqual(inChroot(asked));
  });
  await fc.assert(property, { numRuns: 60 });
});

/** Nothing is made where something lies already, nor through a link, which may lead out here. */
function makeInside(path: string, make: () => void): void {
  let directory = root;
  for (const name of path.split('/').slice(0, -1)) {
    directory = join(directory, name);
    const status = lstatSync(directory, { throwIfNoEntry: false });
    if (status === undefined) mkdirSync(directory);
    else if (!status.isDirectory()) return;
  }
  if (lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined) make();
}

/** What files hold, as a process sees them that has this root. */
function inChroot(paths: readonly string[]): string[] {
  const script =
    'for path do if [ -f "$path" ]; then /bin/busybox cat "$path"; else printf -- -; fi; echo; done';
  const chroot = ['chroot', root, '/bin/busybox', 'sh', '-c', script, 'sh', ...paths];
  const [program = '', ...args] = process.getuid?.() === 0 ? chroot : ['unshare', '-r', ...chroot];
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').slice(0, -1);
}
