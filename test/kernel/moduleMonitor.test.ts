import { expect, it } from 'vitest';
import { loadModule } from '../../client/kernel/loadModule';
import { ModuleMonitor } from '../../client/kernel/moduleMonitor';
import { unloadModule } from '../../client/kernel/unloadModule';
import type { Target } from '../../client/targets/target';
import { buildModules, never, useDirectory, useScratch } from './scratch';

const directory = useDirectory();
const scratch = useScratch();

it('the list of loaded modules costs one round trip while nothing changes, and follows what does', async () => {
  const files = await buildModules(
    {
      own: { before: 'static int count = 3; module_param(count, int, 0644);', init: 'return 0;' },
    },
    directory,
  );
  const file = files['own'] ?? '';
  const runs: (string | undefined)[] = [];
  const target: Target = {
    name: scratch.target.name,
    lost: scratch.target.lost,
    run: (argv, options) => {
      runs.push(argv[0]);
      return scratch.target.run(argv, options);
    },
    upload: (...args) => scratch.target.upload(...args),
    stream: (...args) => scratch.target.stream(...args),
    dispose: () => Promise.resolve(),
  };
  const monitor = new ModuleMonitor(
    () => target,
    () => new Set(['own']),
  );
  const has = (): boolean => monitor.snapshot?.modules.some(({ name }) => name === 'own') === true;
  const request = { target: scratch.target, facts: scratch.facts, file, parameters: [] };

  await monitor.refresh();
  expect(has()).toBe(false);
  await loadModule(request, never);
  await monitor.refresh();
  expect(has()).toBe(true);
  const id = monitor.snapshot?.buildIds.get('own');
  expect(id).toMatch(/^[0-9a-f]{40}$/);
  expect((await monitor.parameters('own'))[0]).toMatchObject({ name: 'count', value: '3' });
  await monitor.refresh();
  // Debian's BusyBox has no cksum, which it has told.
  runs.length = 0;
  for (let round = 0; round < 10; round += 1) {
    await monitor.refresh();
  }
  expect(runs).toEqual(Array.from({ length: 10 }, () => 'sha1sum'));
  expect(monitor.snapshot?.buildIds.get('own')).toBe(id);
  await scratch.shell('echo 4 > /sys/module/own/parameters/count');
  await monitor.refresh();
  expect((await monitor.parameters('own'))[0]).toMatchObject({ name: 'count', value: '4' });
  await unloadModule({ target: scratch.target, name: 'own' }, never);
  await monitor.refresh();
  expect(has()).toBe(false);
});
