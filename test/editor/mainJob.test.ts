import { beforeAll, expect, it } from 'vitest';
import { installPackage } from './installPackage';
import { useWorkbench } from './useWorkbench';

const BROKEN = `#include <linux/module.h>

static int __init broken_init(void)
{
	return no_such_name;
}
module_init(broken_init);
MODULE_LICENSE("GPL");
`;

const workbench = useWorkbench({
  samples: ['hello'],
  files: { 'broken/Kbuild': 'obj-m := broken.o\n', 'broken/broken.c': BROKEN },
  // From the package, as a user has it: what is missing in it would be missing here.
  prepare: installPackage,
});

beforeAll(() => workbench().openContainer('Kernel Modules'));

it('starts the scratch kernel from the welcome view', async () => {
  await workbench().welcomeButton('Loaded Modules', 'Start a Scratch Kernel').click();
  await workbench().row('Loaded Modules', 'virtio_net').waitFor();
  await workbench().statusBarItem('Kernel target scratch').waitFor();
  await workbench().screenshot('scratch');
});

it('builds hello and loads it', async () => {
  await workbench().command('Kernel Modules: Load Module…');
  await workbench().quickPick('hello').click();
  await workbench().row('Loaded Modules', 'hello').waitFor();
  expect((await workbench().rows('Loaded Modules')).slice(0, 2)).toEqual([
    'Workspace (1)',
    expect.stringMatching(/^hello .*0 refs$/),
  ]);
});

it('shows the parameters of hello with their values', async () => {
  await workbench().expand(workbench().row('Loaded Modules', 'hello'));
  await workbench().row('Loaded Modules', 'count').waitFor();
  const rows = await workbench().rows('Loaded Modules');
  expect(rows).toContainEqual(expect.stringMatching(/^count = 1 .*0644$/));
  expect(rows).toContainEqual(expect.stringMatching(/^who = world .*0444$/));
  expect(rows).toContainEqual(expect.stringMatching(/^loud = N .*0644$/));
  expect(rows).toContainEqual(expect.stringMatching(/^numbers = 1,2,3 .*0444$/));
  await workbench().screenshot('hello-loaded');
});

it('shows what the kernel said while hello was loaded', async () => {
  await workbench().command('Kernel Modules: Show Kernel Log');
  await expect.poll(() => workbench().output(), { timeout: 60_000 }).toContain('hello: hello, world');
  await workbench().screenshot('kernel-log');
});

it('unloads hello from its row', async () => {
  const hello = workbench().row('Loaded Modules', 'hello');
  await workbench().rowAction(hello, 'Unload Module');
  await hello.waitFor({ state: 'detached' });
  expect(await workbench().rows('Loaded Modules')).not.toContain('Workspace (1)');
});

it('puts the error of a failing build into Problems, at its line', async () => {
  await workbench().command('Kernel Modules: Build Module');
  await workbench().quickPick('broken').click();
  await workbench().openNotifications();
  await workbench().notification('no_such_name').getByRole('button', { name: 'Show Problems' }).click();
  const problem = workbench().problem('no_such_name').first();
  await problem.waitFor();
  expect(await problem.innerText()).toContain('Ln 5');
  await workbench().screenshot('build-problems');
});

it('stops the scratch kernel', async () => {
  await workbench().command('Kernel Modules: Stop Scratch Kernel');
  await workbench().welcomeButton('Loaded Modules', 'Start a Scratch Kernel').waitFor();
});
