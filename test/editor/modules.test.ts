import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inGuest, scratchMachines } from './scratchGuest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

const workbench = useWorkbench({
  samples: ['hello', 'chain'],
  files: { 'text/readme.ko': 'This is no module.\n' },
  // The tree has the height of the window: what is below its edge is not drawn.
  settings: { 'kmod.kernelLog.reveal': 'never' },
  developmentExtension: EXTENSION,
});

const rows = (): Promise<string[]> => workbench().rows('Loaded Modules');
const module = (name: string) => workbench().row('Loaded Modules', name);
const file = (path: string): string => join(workbench().workspace, path);
const guest = (command: string): string => inGuest(workbench().workspace, command);

beforeAll(() => workbench().openContainer('Kernel Modules'));

describe('the start of the scratch kernel', () => {
  it('ends QEMU when it is cancelled', async () => {
    const machines = () => scratchMachines(workbench().workspace);
    await workbench().pressWelcomeButton('Loaded Modules', 'Start a Scratch Kernel');
    await expect.poll(machines).toHaveLength(1);
    // It is not up before it is cancelled, however long that takes.
    machines().forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
    const progress = await workbench().told('Starting the scratch kernel');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(machines).toEqual([]);
    await workbench().welcomeButton('Loaded Modules', 'Start a Scratch Kernel').waitFor();
    await workbench().screenshot('scratch-cancelled');
  });

  it('works again after that', async () => {
    await workbench().pressWelcomeButton('Loaded Modules', 'Start a Scratch Kernel');
    await module('virtio_net').waitFor();
  });
});

describe('a directory with two modules', () => {
  it('loads both, what the other depends on first', async () => {
    await workbench().command('Kernel Modules: Load Module…');
    await workbench().quickPick('chain').click();
    await workbench().quickPick('chain_top').waitFor();
    expect(await workbench().quickPicks()).toEqual(['chain_base chain_base.ko', 'chain_top chain_top.ko']);
    await workbench().screenshot('chain-pick');
    await workbench().press('Enter');
    await module('chain_top').waitFor();
    await expect
      .poll(async () => (await rows()).slice(0, 3))
      .toEqual([
        'Workspace (2)',
        expect.stringMatching(/^chain_base .*used by chain_top$/),
        expect.stringMatching(/^chain_top .*0 refs$/),
      ]);
    expect(guest('dmesg | grep -o "chain_base: ready\\|chain_top: twice"').split('\n').slice(0, 2)).toEqual([
      'chain_base: ready',
      'chain_top: twice',
    ]);
    await workbench().screenshot('chain-loaded');
  });

  it('does not unload the one that the other uses, and says which that is', async () => {
    await workbench().rowAction(module('chain_base'), 'Unload Module');
    await workbench().told('Not unloaded: chain_base is used by chain_top');
    await workbench().screenshot('chain-in-use');
    await module('chain_base').waitFor();
  });

  it('unloads both when both are selected', async () => {
    await workbench().select(module('chain_base'));
    await workbench().select(module('chain_top'));
    await workbench().rowAction(module('chain_base'), 'Unload Module');
    await module('chain_base').waitFor({ state: 'detached' });
    await module('chain_top').waitFor({ state: 'detached' });
  });
});

describe('a load with parameters', () => {
  it('lists the parameters with type and description', async () => {
    await workbench().command('Kernel Modules: Load Module with Parameters…');
    await workbench().quickPick('hello').click();
    await workbench().quickPick('count').waitFor();
    expect(await workbench().quickPicks()).toEqual([
      'Load insmod hello',
      expect.stringMatching(/^count default int How often to greet \(1 to 10\)/),
      expect.stringMatching(/^loud default bool Greet with an exclamation mark/),
      expect.stringMatching(/^who default charp Whom to greet/),
      expect.stringMatching(/^numbers default array of int Up to four numbers to add up/),
    ]);
    await workbench().screenshot('parameters');
  });

  it('takes no value that the type does not allow', async () => {
    await workbench().quickPick('count').click();
    await workbench().answer('3x');
    await expect.poll(() => workbench().quickInputMessage()).toContain('"3x" is no int');
    await workbench().screenshot('parameter-refused');
  });

  it('gives the module the value, and shows it in the tree', async () => {
    await workbench().answer('3');
    await workbench().quickPick('Load').click();
    await module('hello').waitFor();
    await workbench().expand(module('hello'));
    await expect.poll(rows).toContainEqual(expect.stringMatching(/^count = 3 .*int, 0644$/));
  });

  it('shows the value that somebody else gives it, once it is refreshed', async () => {
    guest('echo 4 > /sys/module/hello/parameters/count');
    await workbench().command('Kernel Modules: Refresh');
    await expect.poll(rows).toContainEqual(expect.stringMatching(/^count = 4 .*int, 0644$/));
    guest('echo 3 > /sys/module/hello/parameters/count');
  });
});

describe('a module that is loaded', () => {
  it('is not loaded twice', async () => {
    await workbench().command('Kernel Modules: Load Module…');
    await workbench().quickPick('hello/hello.ko').click();
    await workbench().told('Not loaded: hello is already loaded');
    await workbench().screenshot('already-loaded');
  });

  it('shows the modinfo of its file as text', async () => {
    await workbench().command('Kernel Modules: Show Modinfo as Text');
    await workbench().quickPick('hello/hello.ko').click();
    await workbench().editor.line('vermagic:').waitFor();
    const real = execFileSync('modinfo', [file('hello/hello.ko')], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
    await expect
      .poll(async () => (await workbench().editor.lines()).filter((line) => line !== '').slice(1))
      .toEqual(real.slice(1));
    await workbench().screenshot('modinfo');
  });

  it('is stale once it was built anew', async () => {
    const source = readFileSync(file('hello/hello.c'), 'utf8');
    writeFileSync(file('hello/hello.c'), source.replace('"goodbye, ', '"good night, '));
    await workbench().command('Kernel Modules: Build Module');
    await workbench().quickPick('hello').click();
    await expect.poll(async () => (await rows())[1]).toMatch(/^hello .* stale$/);
    await expect.poll(() => workbench().badge('Kernel Modules').innerText()).toBe('1');
    await workbench().screenshot('stale');
  });

  it('is fresh after a reload, with the parameters it had', async () => {
    await workbench().rowAction(module('hello'), 'Reload Module');
    await expect.poll(async () => (await rows())[1]).toMatch(/^hello .* refs$/);
    await workbench().badge('Kernel Modules').waitFor({ state: 'hidden' });
    expect(guest('cat /sys/module/hello/parameters/count').trim()).toBe('3');
  });

  it('stays loaded when its source does not build', async () => {
    const id = guest('sha1sum < /sys/module/hello/notes/.note.gnu.build-id');
    appendFileSync(file('hello/hello.c'), 'int broken = no_such_name;\n');
    await workbench().rowAction(module('hello'), 'Reload Module');
    await workbench().told(/Not reloaded: hello stays loaded as it was.*no_such_name/);
    await workbench().screenshot('reload-broken');
    expect(guest('sha1sum < /sys/module/hello/notes/.note.gnu.build-id')).toBe(id);
    await module('hello').waitFor();
  });
});

it('loads no text that is called a module, and leaves nothing of it', async () => {
  await workbench().command('Kernel Modules: Load Module…');
  await workbench().quickPick('text/readme.ko').click();
  await workbench().told('Not loaded: text/readme.ko: not an ELF file');
  await workbench().screenshot('text-ko');
  expect(guest('ls /tmp')).toBe('');
});

it('asks what to modprobe in the title of the view, whichever row has the focus', async () => {
  await module('hello').click();
  await workbench().titleMenu('Loaded Modules', 'Modprobe…');
  await workbench().quickInput.waitFor();
  await workbench().press('Escape');
});

it('filters the loaded modules by name', async () => {
  await workbench().command('Kernel Modules: Filter Loaded Modules…');
  await workbench().answer('virtio');
  await module('hello').waitFor({ state: 'detached' });
  await expect.poll(async () => (await rows())[0]).toMatch(/^Target \(\d+\)$/);
  await module('virtio_net').waitFor();
  expect((await rows()).slice(1).filter((row) => !row.startsWith('virtio'))).toEqual([]);
  await workbench().screenshot('filter');
  await workbench().command('Kernel Modules: Clear Filter');
  await module('hello').waitFor();
});
