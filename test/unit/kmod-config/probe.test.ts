import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../../kmod/budget';
import { readConfiguration } from '../../../kmod/config/configuration';
import { ModuleLookup } from '../../../kmod/config/lookup';
import { formatShowDepends, planProbe, type ProbeOptions } from '../../../kmod/config/probe';
import type { ModuleTables } from '../../../kmod/tree/moduleTables';

/** top needs base; bus:* is an alias of base; unix is built in. */
const TABLES: ModuleTables = {
  line: (name) => {
    const lines = new Map([
      ['top', { path: 'kernel/top.ko', dependencies: ['kernel/base.ko'] }],
      ['base', { path: 'kernel/base.ko', dependencies: [] }],
      ['extra', { path: '/opt/extra.ko', dependencies: [] }],
    ]);
    return lines.get(name);
  },
  aliases: (name) => (name.startsWith('bus:') ? ['base'] : []),
  symbols: () => [],
  isBuiltin: (name) => name === 'unix',
  builtinAliases: (name) => (name === 'net_pf_1' ? ['unix'] : []),
};

async function plan(source: string, name: string, options: Partial<ProbeOptions> = {}) {
  const configuration = await readConfiguration(
    {
      list: () => Promise.resolve({ kind: 'file' }),
      read: (path) => Promise.resolve(path === '/x' ? source : undefined),
    },
    { kmod: 30, kernelDirectory: '/lib/modules/1.0', searchPaths: ['/x'] },
  );
  return planProbe(new ModuleLookup(configuration, TABLES), name, {
    kernelDirectory: '/lib/modules/1.0',
    exists: () => Promise.resolve(true),
    ...options,
  });
}

const show = async (...given: Parameters<typeof plan>) => formatShowDepends(await plan(...given));

describe('the plan of a probe', () => {
  it('takes what a module needs first, each step with its cause and its options', async () => {
    const { probes } = await plan('options base b=2\n', 'top', { parameters: ['t=a b'] });
    expect(probes).toMatchObject([
      {
        found: { name: 'top', finding: { in: 'modules.dep' } },
        steps: [
          {
            kind: 'insmod',
            module: 'base',
            path: '/lib/modules/1.0/kernel/base.ko',
            cause: { kind: 'dependency', of: 'top' },
            options: 'b=2 ',
            optionEntries: [{ name: 'base', value: 'b=2' }],
          },
          { kind: 'insmod', module: 'top', cause: { kind: 'asked' }, options: 't="a b"' },
        ],
      },
    ]);
  });

  it('names the softdep line that brings a module, and the install line that it hides', async () => {
    const { probes } = await plan('install base echo\nsoftdep base post: extra\n', 'base');
    expect(probes[0]?.steps).toMatchObject([
      { kind: 'insmod', module: 'base', install: { value: 'echo' } },
      {
        kind: 'insmod',
        path: '/opt/extra.ko',
        cause: { kind: 'softdep', of: 'base', entry: { value: 'post: extra' } },
      },
    ]);
  });

  it('has no steps for a module of the blacklist that is found by an alias', async () => {
    const source = 'blacklist base\n';
    expect((await plan(source, 'bus:1')).probes).toMatchObject([
      { found: { alias: 'bus:1' }, blacklistedBy: { name: 'base' }, steps: [] },
    ]);
    expect(await show(source, 'base')).toBe('insmod /lib/modules/1.0/kernel/base.ko \n');
    expect(await show(source, 'base', { useBlacklist: true })).toBe('');
  });

  it('finds an alias of the configuration before anything else, and follows it once', async () => {
    const { probes } = await plan('alias top bus:1\nalias to* unix\n', 'top');
    expect(probes).toMatchObject([
      { found: { name: 'bus:1', alias: 'top' }, steps: [{ kind: 'nothing' }] },
      {
        found: { name: 'unix', alias: 'to*', finding: { in: 'configuration' } },
        steps: [{ kind: 'builtin' }],
      },
    ]);
  });

  it('passes over the install line of the module that is asked for with -i', async () => {
    const source = 'install base a\ninstall top b\n';
    expect(await show(source, 'top')).toBe('install a \ninstall b \n');
    expect(await show(source, 'top', { ignoreInstall: true })).toBe(
      'install a \ninsmod /lib/modules/1.0/kernel/top.ko \n',
    );
  });

  it('forgets the dependencies of a module when one has no file', async () => {
    expect(await show('', 'top', { exists: () => Promise.resolve(false) })).toBe(
      'insmod /lib/modules/1.0/kernel/top.ko \n',
    );
  });

  it('is empty for a name that is unknown', async () => {
    expect((await plan('', 'nothing')).probes).toEqual([]);
  });

  it('knows what is built in by its aliases', async () => {
    expect(await show('', 'net-pf-1')).toBe('builtin unix\n');
  });

  it('finds nothing by an alias line that is too long for kmod', async () => {
    const name = 'x'.repeat(4_096 - 'eth?'.length - 2);
    expect((await plan(`alias eth? ${name}\ninstall ${name} true\n`, 'eth0')).probes).toHaveLength(1);
    const { probes, complaints } = await plan(`softdep top pre: eth0\nalias eth? ${name}x\n`, 'top');
    expect(probes).toMatchObject([{ steps: [{ module: 'base' }, { module: 'top' }] }]);
    expect(complaints.map(({ text }) => text)).toEqual([
      `Could not create module for alias=eth0 modname=${name}x: File name too long`,
      "failed to lookup soft dependency 'eth0', continuing anyway.",
    ]);
  });

  it('refuses what multiplies: a thousand aliases of a module with a thousand options', async () => {
    const source = (aliases: number) => 'alias many top\n'.repeat(aliases) + 'options top a=1\n'.repeat(1000);
    expect((await plan(source(10), 'many')).probes).toHaveLength(10);
    await expect(plan(source(1000), 'many')).rejects.toThrow(BudgetError);
  });

  it('refuses what multiplies: a soft dependency with a long list, again and again', async () => {
    const list = 'x '.repeat(5000);
    const source = `softdep base pre: ${list}\n` + 'alias many top\n'.repeat(100);
    await expect(plan(source, 'many')).rejects.toThrow(BudgetError);
  });
});
