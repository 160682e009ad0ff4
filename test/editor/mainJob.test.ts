import { beforeAll, expect, it } from 'vitest';
import { installPackage } from './installPackage';
import { useWorkbench } from './useWorkbench';

const BROKEN = `// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

static int interval = 500;
module_param(interval, int, 0644);
MODULE_PARM_DESC(interval, "Milliseconds between two blinks");

static int __init blink_init(void)
{
	pr_info("blinking every %d ms\\n", intervall);
	return 0;
}
module_init(blink_init);

MODULE_DESCRIPTION("Blinks a light");
MODULE_LICENSE("GPL");
`;

const CONFIG = `# hello is loaded at boot, with these
options hello count=2 who=target
optoins dummy numdummies=2

options hello loud=1 
`;

const TOGGLE_SIDE_BAR = 'Control+B';

const workbench = useWorkbench({
  samples: ['hello'],
  files: {
    'blink/Kbuild': 'obj-m := blink.o\n',
    'blink/blink.c': BROKEN,
    'modprobe.d/hello.conf': CONFIG,
  },
  // The README's pictures are screenshots of this file: they show the whole story in one look.
  settings: {
    'workbench.colorTheme': 'Default Dark Modern',
    'editor.minimap.enabled': false,
    'editor.stickyScroll.enabled': false,
  },
  // From the package, as a user has it: what is missing in it would be missing here.
  prepare: installPackage,
});

beforeAll(async () => {
  await workbench().openContainer('Kernel Modules');
  await workbench().widenSideBar(400);
  await workbench().openFile('hello/hello.c');
});

it('starts the scratch kernel from the welcome view', async () => {
  await workbench().pressWelcomeButton('Loaded Modules', 'Start a Scratch Kernel');
  await workbench().row('Loaded Modules', 'virtio_net').waitFor();
  await workbench().statusBarItem('Kernel target scratch').waitFor();
  await workbench().screenshot('scratch');
});

it('builds hello and loads it', async () => {
  await workbench().command('Kernel Modules: Load Module…');
  await workbench().quickPick('hello').click();
  await workbench().row('Loaded Modules', 'hello').waitFor();
  await expect
    .poll(async () => (await workbench().rows('Loaded Modules')).slice(0, 2))
    .toEqual(['Workspace (1)', expect.stringMatching(/^hello .*0 refs$/)]);
});

it('shows the parameters of hello with their values', async () => {
  await workbench().expand(workbench().row('Loaded Modules', 'hello'));
  await expect
    .poll(() => workbench().rows('Loaded Modules'))
    .toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^count = 1 .*0644$/),
        expect.stringMatching(/^who = world .*0444$/),
        expect.stringMatching(/^loud = N .*0644$/),
        expect.stringMatching(/^numbers = 1,2,3 .*0444$/),
      ]),
    );
  await workbench().screenshot('hello-loaded');
});

it('shows what the kernel said while hello was loaded', async () => {
  await workbench().command('Kernel Modules: Show Kernel Log');
  await expect.poll(() => workbench().output()).toContain('hello: hello, world');
  await workbench().editor.goTo(16, 1);
  await workbench().settle();
  await workbench().screenshot('loaded');
});

it('unloads hello from its row', async () => {
  const hello = workbench().row('Loaded Modules', 'hello');
  await workbench().rowAction(hello, 'Unload Module');
  await hello.waitFor({ state: 'detached' });
  await workbench().row('Loaded Modules', 'Workspace').waitFor({ state: 'detached' });
});

it('completes the parameters of the module that was built, for modprobe.d', async () => {
  await workbench().press(TOGGLE_SIDE_BAR);
  await workbench().openFile('modprobe.d/hello.conf');
  await workbench().openProblems();
  await workbench().problem('optoins').waitFor();
  await workbench().editor.goTo(5, 22);
  await workbench().editor.suggest();
  await workbench().editor.suggestion('numbers').waitFor();
  await workbench().press('Control+Space');
  await expect.poll(() => workbench().editor.suggestionDetails()).toContain('How often to greet (1 to 10)');
  await workbench().settle();
  await workbench().screenshot('completion');
  await workbench().press('Escape');
  await workbench().press(TOGGLE_SIDE_BAR);
});

it('puts the error of a failing build into Problems, at its line', async () => {
  await workbench().openFile('blink/blink.c');
  await workbench().command('Kernel Modules: Build Module');
  await (await workbench().told('intervall')).getByRole('button', { name: 'Show Problems' }).click();
  const problem = workbench().problem('intervall').first();
  await problem.waitFor();
  expect(await problem.innerText()).toContain('Ln 13');
  await workbench().settle();
  await workbench().screenshot('build-problems');
});

it('stops the scratch kernel', async () => {
  await workbench().command('Kernel Modules: Stop Scratch Kernel');
  await workbench().welcomeButton('Loaded Modules', 'Start a Scratch Kernel').waitFor();
});
