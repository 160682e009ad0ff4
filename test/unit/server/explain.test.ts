import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../kmod/config/configuration';
import { ModuleLookup } from '../../../kmod/config/lookup';
import { planProbe } from '../../../kmod/config/probe';
import type { ModuleTables } from '../../../kmod/tree/moduleTables';
import { explain, type ExplainedSystem } from '../../../server/language/features/explain';
import { ORIGIN } from './harness';

/** top needs base; loop is built in; `pci:*` is an alias of base. */
const TABLES: ModuleTables = {
  line: (name) =>
    ({
      top: { path: 'kernel/top.ko', dependencies: ['kernel/base.ko'] },
      base: { path: 'kernel/base.ko', dependencies: [] },
    })[name],
  aliases: (name) => (name.startsWith('pci:') ? ['base'] : []),
  symbols: () => [],
  isBuiltin: (name) => name === 'loop',
  builtinAliases: () => [],
};

async function explained(
  name: string,
  text: string,
  commandLine = '',
  facts: Partial<ExplainedSystem> = {},
): Promise<string> {
  const kernelDirectory = '/lib/modules/6.1.0-test';
  const configuration = await readConfiguration(
    {
      list: () => Promise.resolve({ kind: 'file' }),
      read: (path) => Promise.resolve({ '/a.conf': text, '/proc/cmdline': commandLine }[path]),
    },
    { kmod: 34, kernelDirectory, searchPaths: ['/a.conf'] },
  );
  const lookup = new ModuleLookup(configuration, TABLES);
  const plan = await planProbe(lookup, name, { kernelDirectory, exists: () => Promise.resolve(true) });
  const tool = { kind: 'kmod' } as const;
  return explain(name, { origin: ORIGIN, tool, lookup, plan, uriOf: (path) => `file://${path}`, ...facts })
    .source;
}

describe('explain modprobe NAME', () => {
  it('tells the steps in order, each with its cause', async () => {
    const text = await explained('top', 'options base a=1\nsoftdep top post: loop\n', 'base.b=2');
    expect(text).toContain('*board\\-a, kernel 6\\.1\\.0\\-test*, read by the rules of kmod 34.');
    expect(text).toContain('` top ` is a module\\, by modules\\.dep.');
    expect(
      text
        .split('\n')
        .filter((line) => /^ *(\d\.|-) /.test(line))
        .slice(0, 4),
    ).toEqual([
      '1. Insert **base** from ` /lib/modules/6.1.0-test/kernel/base.ko ` — **top** depends on it (modules.dep)',
      '   - options ` a=1 b=2 `, by ` options base a=1 ` ([\\/a\\.conf\\:1](command:kmod.openLine?%5B%22file%3A%2F%2F%2Fa.conf%23L1%22%5D)), ` base.b=2 ` of the kernel command line',
      '2. Insert **top** from ` /lib/modules/6.1.0-test/kernel/top.ko `',
      '3. **loop** is built into the kernel: nothing is done — a soft dependency of **top**, by ` softdep top post: loop ` ([\\/a\\.conf\\:2](command:kmod.openLine?%5B%22file%3A%2F%2F%2Fa.conf%23L2%22%5D))',
    ]);
  });

  it('tells that options have nowhere to go where there is no file', async () => {
    const text = await explained('mynet', 'alias mynet gone\noptions gone a=1\n');
    expect(text).toContain('**gone** has no file: modprobe can not insert it');
    expect(text).toContain('there is nothing to give its options to: ` options gone a=1 `');
  });

  it('tells that a blacklist line stops what an alias found', async () => {
    const text = await explained('pci:1', 'blacklist base\n');
    expect(text).toContain('**Nothing is loaded:** the module is blacklisted by ` blacklist base `');
    expect(text).toContain('- **base** is stopped by');
  });

  it('tells what a blacklist line does not stop', async () => {
    const text = await explained('top', 'blacklist top\nblacklist base\n', 'modprobe.blacklist=loop');
    expect(text).toContain(
      '**base** is in ` blacklist base ` ([\\/a\\.conf\\:2](command:kmod.openLine?%5B%22file%3A%2F%2F%2Fa.conf%23L2%22%5D)), which does not stop it here: it is a dependency of top.',
    );
    expect(text).toContain('it was not found by an alias. `modprobe -b` would pass over it.');
    expect(await explained('loop', '', 'modprobe.blacklist=loop')).toContain(
      '` modprobe.blacklist=loop ` of the kernel command line',
    );
  });

  it('tells the command that runs, or the softdep that hides it', async () => {
    const command = 'install top /bin/true\n';
    expect(await explained('top', `${command}options top a=1\n`)).toMatch(
      /Run a command in place of \*\*top\*\*: ` \/bin\/true `.*\n {3}- the options reach the command only/,
    );
    expect(await explained('top', `${command}softdep top pre: base\n`)).toContain(
      'the install line is not used, as a softdep line counts more: ` install top /bin/true `',
    );
  });

  it('tells an alias of the configuration, and a name that is nothing', async () => {
    expect(await explained('my-top', 'alias my_t* top\n')).toContain(
      '` my-top ` is an alias of **top**, by ` alias my_t* top `',
    );
    expect(await explained('nope', '')).toContain('**modprobe fails:**');
  });

  it('shows hostile names and lines as text', async () => {
    const text = await explained('<b>`x`', 'alias <b>`x` a``b\nblacklist a``b\n');
    expect(text).toContain('``` blacklist a``b ```');
    expect(text.replace(/(`+) .*? \1/g, '')).not.toMatch(/<b>/);
  });

  it('passes over what is loaded already, and does nothing for a module that is', async () => {
    const text = 'softdep top pre: loop\n';
    const loaded = new Set(['base']);
    expect(await explained('top', text, '', { loaded })).toContain(
      '1. **base** is loaded already: passed over — **top** depends on it',
    );
    expect(await explained('base', 'blacklist base\n', '', { loaded })).toContain('**Nothing is done:**');
    expect(await explained('loop', 'softdep loop pre: top\n')).toContain(
      'the module is built into the kernel',
    );
  });

  it('says whose modprobe it is, and what could not be read', async () => {
    const kmod = await explained('top', '', '', { tool: { kind: 'kmod', version: 34 } });
    expect(kmod).toContain('read by its own kmod 34.');
    expect(await explained('top', '', '', { tool: { kind: 'none' } })).toContain('There is no modprobe');
    const busybox = await explained('top', '', '', { tool: { kind: 'busybox', version: '1.35.0' } });
    expect(busybox).toContain('The modprobe of this target is BusyBox’s** (1\\.35\\.0), not kmod’s.');
    expect(await explained('top', '', '', { unreadable: ['/etc/modprobe.d/x.conf'] })).toContain(
      '**Not read:** the login may not read ` /etc/modprobe.d/x.conf `',
    );
  });
});
