import { expect } from 'vitest';
import { execute } from '../../client/kernel/command';
import { listModules, readParameters } from '../../client/kernel/commands';
import { loadModule, type LoadStep } from '../../client/kernel/loadModule';
import { unloadModule } from '../../client/kernel/unloadModule';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import type { LoadedModule } from '../../client/kernel/procModules';
import type { Target, TargetFacts } from '../../client/targets/target';
import { never, LEFTOVERS } from './scratch';

const WHO = `it's $(reboot)\n"me" \\`;

/** What the product is for, on whatever target: a module is sent, loaded, seen with its parameters, and unloaded. */
export async function mainJob(target: Target, hello: string): Promise<TargetFacts> {
  const listed = async (): Promise<LoadedModule | undefined> =>
    (await execute(target, listModules())).find(({ name }) => name === 'hello');
  const facts = await welcomeTarget(target, never, () => undefined);
  const steps: LoadStep[] = [];

  const { module, kernelLog } = await loadModule(
    {
      target,
      facts,
      file: hello,
      parameters: [`who=${WHO}`, 'count=2'],
      report: (_text, step) => steps.push(step),
    },
    never,
  );
  expect(steps).toEqual(['preflight', 'upload', 'insmod']);
  expect(kernelLog.join('\n')).toContain("hello: hello, it's $(reboot)");
  expect(await listed()).toEqual(module);
  expect(module.state).toBe('live');
  expect(await execute(target, readParameters('hello'))).toEqual(
    expect.arrayContaining([
      { name: 'who', value: WHO, mode: 0o444 },
      { name: 'count', value: '2', mode: 0o644 },
    ]),
  );

  await unloadModule({ target, name: 'hello' }, never);

  expect(await listed()).toBeUndefined();
  expect((await target.run(['sh', '-c', LEFTOVERS])).stdout.toString()).toBe('');
  return facts;
}
