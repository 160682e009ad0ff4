import { afterAll, beforeAll, expect, it } from 'vitest';
import { NEWEST_KMOD, type KmodVersion } from '../../../kmod/config/versions';
import { installedKmodVersion } from '../../../server/installedKmod';
import { KmodInUse } from '../../../server/kmodInUse';
import { SystemProbes } from '../../../server/systemProbes';
import { installedKmod } from '../kmod-config/kmodOracle';
import { KERNEL, Sysroot } from './sysroot';

let sysroot: Sysroot;
beforeAll(async () => {
  sysroot = await Sysroot.create();
  await sysroot.install('6.1.0', KERNEL);
});
afterAll(() => sysroot.remove());

async function planned(directory: string, configured: KmodVersion | undefined) {
  const kmod = new KmodInUse(installedKmodVersion);
  kmod.set({ configured, sysroot: directory });
  const probes = new SystemProbes({
    open: () => [],
    directory: () => ({ sysroot: directory, release: '' }),
    kmod: () => kmod.ofSystem(),
  });
  const { tool, lookup } = await probes.plan('x');
  return { tool, kmod: lookup.configuration.kmod };
}

it("goes by this machine's own kmod", async () => {
  expect(await planned('', undefined)).toEqual({
    tool: { kind: 'kmod', version: installedKmod },
    kmod: installedKmod,
  });
});

it('goes by the kmod of the settings, if there is one', async () => {
  expect(await planned('', 12)).toEqual({ tool: { kind: 'kmod' }, kmod: 12 });
  expect(await planned(sysroot.path, 12)).toEqual({ tool: { kind: 'kmod' }, kmod: 12 });
});

it('does not take this kmod for that of another system', async () => {
  expect(await planned(sysroot.path, undefined)).toEqual({ tool: { kind: 'kmod' }, kmod: NEWEST_KMOD });
});
