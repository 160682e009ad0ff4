import { beforeAll, expect, it } from 'vitest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

const TARGET = { name: 'trap', host: '127.0.0.1', port: 1 };

const workbench = useWorkbench({
  trust: 'untrusted',
  samples: ['hello'],
  files: {
    'modprobe.d/bad.conf': 'optoins dummy\n',
    '.vscode/settings.json': JSON.stringify({ 'kmod.targets': [TARGET], 'kmod.autoConnect': TARGET.name }),
  },
  developmentExtension: EXTENSION,
});

beforeAll(() => workbench().openFile('modprobe.d/bad.conf'));

it('checks the configuration of a workspace that is not trusted', async () => {
  await workbench().openProblems();
  await workbench().problem('optoins').waitFor();
});

it('says in the view why nothing can be connected, and lists no target', async () => {
  await workbench().openContainer('Kernel Modules');
  await workbench().welcomeButton('Loaded Modules', 'Manage Workspace Trust').waitFor();
  await expect
    .poll(() => workbench().view('Loaded Modules').innerText())
    .toContain('This workspace is not trusted');
  expect(await workbench().rows('Targets')).toEqual([]);
  await workbench().screenshot('untrusted');
});

it('has only the commands that run nothing', async () => {
  await workbench().press('F1');
  await workbench().quickInput.fill('>Kernel Modules: ');
  const own = async (): Promise<string[]> =>
    (await workbench().quickPicks())
      .filter((title) => title.startsWith('Kernel Modules: ') && !title.includes('Focus on'))
      .sort();
  await expect
    .poll(own)
    .toEqual([
      'Kernel Modules: Compare Modules…',
      'Kernel Modules: Explain modprobe NAME…',
      'Kernel Modules: Refresh Available Modules',
      'Kernel Modules: Search Available Modules…',
      'Kernel Modules: Show Extension Log',
      'Kernel Modules: Show Modinfo',
      'Kernel Modules: Show Modinfo as Text',
      'Kernel Modules: Show Who Needs a Module…',
    ]);
  await workbench().screenshot('untrusted-commands');
  await workbench().press('Escape');
});

it('takes the targets of the workspace once it is trusted', async () => {
  await workbench().pressWelcomeButton('Loaded Modules', 'Manage Workspace Trust');
  await workbench().trustWorkspace();
  await workbench().row('Targets', TARGET.name).waitFor();
  await workbench().welcomeButton('Loaded Modules', 'Start a Scratch Kernel').waitFor();
});
