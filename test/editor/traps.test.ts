import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installPackage } from './installPackage';
import { layTraps, TRAPS } from './trapWorkspace';
import { HIDDEN_PROGRAMS, TRAP_PATH } from './traps/programTraps';
import { COMMANDS, explainHealthy, lookAt, ownCommands } from './traps/visit';
import { useWorkbench } from './useWorkbench';
import { Watch } from './watch';
import { WatchChanges } from './watchChanges';

const VIEWS = ['Targets', 'Loaded Modules', 'Available Modules', 'Devices'];

const SETTINGS = {
  'explorer.compactFolders': false,
  'explorer.autoReveal': false,
  'files.exclude': HIDDEN_PROGRAMS,
  // The editor itself starts git by its name, in the workspace.
  'git.enabled': false,
  // Whoever trusts a workspace lets the editor run the tasks in it, by the names that they have.
  'task.allowAutomaticTasks': 'off',
};

describe.each(['untrusted', 'trusted'] as const)('a workspace full of traps, %s', (trust) => {
  const root = mkdtempSync(join(tmpdir(), 'kmod-traps-'));
  const marker = join(root, 'ran');
  const watch = new Watch(join(root, 'watch'));
  const changes = new WatchChanges(watch, marker);
  // After the editor has ended: what was registered last comes first.
  afterAll(() => {
    watch.dispose();
    console.info(`${trust}: ${watch.summary()}`);
    rmSync(root, { recursive: true });
  });
  const workbench = useWorkbench({
    trust,
    fill: (workspace) => layTraps(workspace, marker),
    prepare: installPackage,
    settings: SETTINGS,
    developmentExtension: watch.extension,
    env: { ...watch.env, PATH: TRAP_PATH },
  });

  /** Nothing of the workspace runs, and nothing hangs or grows. Each test tells what it brought about itself. */
  const expectCalm = async (): Promise<void> => {
    await expect.soft(changes.rest()).resolves.toBeUndefined();
    expect.soft(changes.excesses()).toEqual([]);
    expect.soft(changes.marks()).toEqual([]);
  };

  it('is opened, and its healthy files are explained', async () => {
    const watched = (): string[] => watch.look().map(({ name }) => name);
    // A server that starts before its watcher is not watched.
    await expect.poll(watched).toContain('extension host');
    await explainHealthy(workbench());
    expect(watched()).toContain('language server');
    await workbench().screenshot(`traps-${trust}-opened`);
    await expectCalm();
  });

  it.each(TRAPS.filter(([, { looks }]) => looks.length > 0))(
    'has its files in %s clicked and pointed at',
    async (folder, { looks }) => {
      for (const look of looks) {
        await expect.soft(lookAt(workbench(), folder, look), look.path).resolves.toBeUndefined();
      }
      await workbench().screenshot(`traps-${trust}-${folder}`);
      await expectCalm();
    },
  );

  it('has its views shown', async () => {
    await workbench().openContainer('Kernel Modules');
    for (const view of VIEWS) {
      await workbench().unfold(view);
    }
    await expectCalm();
    await workbench().screenshot(`traps-${trust}-views`);
  });

  it('has each command run that is there without trust', async () => {
    await workbench().command('View: Close All Editors');
    if (trust === 'untrusted') {
      expect(await ownCommands(workbench())).toEqual(Object.keys(COMMANDS).sort());
    }
    for (const [title, answer] of Object.entries(COMMANDS)) {
      await workbench().command(`Kernel Modules: ${title}`);
      await expect.soft(answer(workbench()), title).resolves.toBeUndefined();
      await workbench().screenshot(`traps-${trust}-${title.replaceAll(/\W+/g, '-')}`);
      await workbench().press('Escape');
      // A page that is still read takes the focus when it comes, and the next question would go.
      await workbench().command('View: Close All Editors');
    }
    await expectCalm();
  });

  it('has its healthy files explained in the end', async () => {
    await workbench().openContainer('Explorer');
    await explainHealthy(workbench());
    await workbench().screenshot(`traps-${trust}-end`);
    await expectCalm();
  });

  it('has the language server started, and no program by its name', () => {
    const started = watch.programs();
    expect(started.filter(isServer)).not.toEqual([]);
    const others = started.filter((command) => !isServer(command));
    if (trust === 'untrusted') {
      expect(others).toEqual([]);
    }
    // A name is looked for in PATH, and PATH leads into the workspace.
    const names = others.map(([program = '']) => program);
    expect(names.filter((name) => !name.startsWith('/') || name.startsWith(workbench().workspace))).toEqual(
      [],
    );
  });
});

const isServer = (command: readonly string[]): boolean =>
  command.some((word) => word.endsWith('/dist/server.js'));
