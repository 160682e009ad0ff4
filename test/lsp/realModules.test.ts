import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalModules, type LocalModulesResult } from '../../server/protocol';
import { KERNEL, Sysroot } from '../unit/server/sysroot';
import { Bundle, Client } from './client';

const URI = 'file:///etc/modprobe.d/test.conf';

/** A kernel that is installed here. */
const directory = readdirSync('/lib/modules')
  .map((release) => join('/lib/modules', release))
  .find((candidate) => spawnSync('test', ['-e', join(candidate, 'modules.dep')]).status === 0);
const release = directory?.split('/').pop() ?? 'no kernel is installed';

const modinfo = (...argv: string[]) =>
  spawnSync('/sbin/modinfo', ['-k', release, ...argv], { encoding: 'utf8' }).stdout;

/** As Markdown shows it. */
const escaped = (text: string): string => text.replace(/[!-/:-@[-`{-~]/g, '\\$&');

const bundle = new Bundle();
beforeAll(() => bundle.make());
afterAll(() => bundle.remove());

async function startWith(settings: Readonly<Record<string, string>>): Promise<Client> {
  const client = new Client([bundle.server, '--stdio'], { settings });
  await client.initialize();
  return client;
}

describe('with the modules of an installed kernel', () => {
  it('tells what modinfo tells', async () => {
    const client = await startWith({ kernelRelease: release });
    await client.open(URI, 'options virtio_net napi_tx=1\nblacklist ext4\n');
    const description = modinfo('-F', 'description', 'virtio_net').trim();
    const hover = await client.hover(URI, { line: 0, character: 10 });
    expect(hover).toContain(`**virtio\\_net** — ${escaped(description)}`);
    expect(hover).toContain(`this machine, kernel ${escaped(release)}`);
    const parameters = modinfo('-F', 'parm', 'virtio_net').trim().split('\n');
    expect((await client.labels(URI, { line: 0, character: 19 })).sort()).toEqual(
      parameters.map((parameter) => parameter.replace(/:.*/, '')).sort(),
    );
    expect(await client.stop()).toBe(0);
  });

  it('tells where the modules are that it speaks of, as the settings say from the start', async () => {
    const sysroot = await Sysroot.create();
    const kernel = await sysroot.install('6.1.0', KERNEL);
    const client = await startWith({ sysroot: sysroot.path });
    expect(await client.connection.sendRequest<LocalModulesResult>(LocalModules, null)).toEqual({
      origin: { label: sysroot.path, release: '6.1.0' },
      sysroot: sysroot.path,
      directory: kernel,
    });
    await client.stop();
    const empty = await startWith({ sysroot: join(sysroot.path, 'nothing') });
    expect(await empty.connection.sendRequest<LocalModulesResult>(LocalModules, null)).toBeNull();
    await empty.stop();
    await sysroot.remove();
  });

  it('reads a compressed module below a sysroot', async () => {
    const path = modinfo('-n', 'virtio_net').trim();
    const sysroot = await Sysroot.create();
    await sysroot.install('6.1.0', {
      'modules.dep': 'virtio_net.ko.gz:\n',
      'virtio_net.ko.gz': gzipSync(readFileSync(path)),
    });
    const client = await startWith({ sysroot: sysroot.path });
    await client.open(URI, 'options virtio-net napi_tx=1 nope=1\n');
    await client.until(async () => (await client.codesIn(URI)).join() === 'unknown-parameter');
    expect(await client.hover(URI, { line: 0, character: 10 })).toContain('license: GPL');
    expect(await client.stop()).toBe(0);
    await sysroot.remove();
  });

  it('knows parameters that modinfo does not list, how files are spelled, and who depends on a module', async () => {
    expect(modinfo('-F', 'parm', 'md_mod')).not.toContain('start_ro');
    const client = await startWith({ kernelRelease: release });
    await client.open(URI, 'options md_mod start_ro=1 nope=1\nblacklist md_mod\n');
    await client.until(
      async () => (await client.codesIn(URI)).join() === 'unknown-parameter,blacklist-not-absolute',
    );
    const overrides = 'file:///etc/depmod.d/test.conf';
    await client.open(overrides, 'override md-mod * updates\noverride md_mod * updates\n', 'depmod');
    await client.until(async () => (await client.codesIn(overrides)).join() === 'depmod-never-matches');
    expect(await client.stop()).toBe(0);
  });

  it('finds no error in the files that distributions ship', () => {
    const { stdout } = spawnSync(
      process.execPath,
      [bundle.cli, 'check', '/lib/modprobe.d', '/etc/modules-load.d'],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout).not.toContain(': error:');
  });

  it('prints what modinfo prints', () => {
    const names = ['virtio_net', 'btrfs', 'snd-hda-intel', 'ext4'].filter((name) => modinfo(name) !== '');
    const paths = names.map((name) => modinfo('-n', name).trim()).filter((path) => path.startsWith('/'));
    expect(paths).not.toEqual([]);
    const ours = spawnSync(process.execPath, [bundle.cli, 'modinfo', ...paths], { encoding: 'utf8' });
    expect(ours).toMatchObject({ status: 0, stderr: '', stdout: modinfo(...paths) });
  });
});
