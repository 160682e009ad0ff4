import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cleanup, freePort, makeKey, makeUser, startSshd, temporaryDirectory } from '../ssh/machine';
import { installPackage } from './installPackage';
import { ownSsh } from './ownSsh';
import { useWorkbench } from './useWorkbench';

const cleanup = new Cleanup();
const directory = temporaryDirectory(cleanup);
const { knownHosts, env } = ownSsh(cleanup);
const user = makeUser(cleanup);
const key = makeKey(directory, 'host');
const server = await startSshd(cleanup, { hostKeys: [key], settings: ['KbdInteractiveAuthentication no'] });
const silent = await freePort();

const workbench = useWorkbench({
  files: { 'README.md': '' },
  settings: {
    'kmod.targets': [
      { name: 'board', host: '127.0.0.1', port: server.port, user: user.name },
      { name: 'silent', host: '127.0.0.1', port: silent, user: user.name },
    ],
  },
  env,
  // From the package: an editor with a development extension shows no modal question.
  prepare: installPackage,
});

const fingerprint = (file: string): string =>
  execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
const board = () => workbench().row('Targets', 'board');

beforeAll(async () => {
  await workbench().openContainer('Kernel Modules');
});
afterAll(() => cleanup.run());

it('lists the targets of the settings', async () => {
  await expect
    .poll(() => workbench().rows('Targets'))
    .toEqual([
      expect.stringMatching(/^scratch /),
      expect.stringContaining(`board not connected · ${user.name}@127.0.0.1:${server.port}`),
      expect.stringContaining(`silent not connected · ${user.name}@127.0.0.1:${silent}`),
    ]);
});

it('shows the host key of an unknown host as ssh-keygen does, and remembers it when it is trusted', async () => {
  await workbench().rowAction(board(), 'Connect');
  await workbench().dialog.waitFor();
  const question = await workbench().dialog.innerText();
  await workbench().screenshot('host-key');
  expect(question).toContain(`[127.0.0.1]:${server.port}`);
  expect(question).toContain(fingerprint(key));
  await workbench().dialog.getByRole('button', { name: 'Trust and Remember' }).click();
  await workbench().quickInput.waitFor();
  expect(readFileSync(knownHosts, 'utf8').trim().split(' ').slice(0, 3)).toEqual([
    `[127.0.0.1]:${server.port}`,
    ...readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2),
  ]);
});

it('asks for the password without showing it, and asks again after a wrong one', async () => {
  expect(await workbench().quickInput.getAttribute('type')).toBe('password');
  await workbench().answer('not the password');
  await expect.poll(() => workbench().quickInputMessage()).toContain('The last answer was refused.');
  await workbench().screenshot('password');
  await workbench().answer(user.password);
  await workbench().statusBarItem('Kernel target board, ').waitFor();
  const release = execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim();
  await expect
    .poll(async () => (await workbench().rows('Targets'))[1])
    .toMatch(new RegExp(`^board active · ${release.replaceAll('.', '\\.')} · up \\d+ (s|min|h|d) · \\d+ ms`));
});

it('shows the modules of its kernel, or why it has none', async () => {
  const expected = existsSync('/proc/modules') ? 'Target' : 'This kernel has no loadable modules';
  await workbench().view('Loaded Modules').getByText(expected).first().waitFor();
  await workbench().screenshot('ssh-connected');
});

it('disconnects', async () => {
  await workbench().rowAction(board(), 'Disconnect');
  await workbench().welcomeButton('Loaded Modules', 'Connect').waitFor();
  await expect.poll(async () => (await workbench().rows('Targets'))[1]).toContain('not connected');
});

it('refuses a host whose key has changed, with both fingerprints', async () => {
  const other = makeKey(directory, 'other');
  const [type, blob] = readFileSync(`${other}.pub`, 'utf8').split(' ');
  writeFileSync(knownHosts, `[127.0.0.1]:${server.port} ${type} ${blob}\n`);
  await workbench().rowAction(board(), 'Connect');
  const message = await (await workbench().told('the host key has CHANGED')).innerText();
  await workbench().screenshot('host-key-changed');
  expect(message).toContain(fingerprint(key));
  expect(message).toContain(fingerprint(other));
  expect(message).toContain('ssh-keygen -f');
});

it('says what to look at when nothing listens', async () => {
  await workbench().rowAction(workbench().row('Targets', 'silent'), 'Connect');
  await workbench().told(`port ${silent}: connection refused. Is an SSH server running there?`);
  await workbench().screenshot('refused');
});

it('adds a target by its address and a name', async () => {
  await workbench().command('Kernel Modules: Add Target…');
  await workbench().answer(`${user.name}@127.0.0.1:${server.port}`);
  await expect.poll(() => workbench().quickInput.inputValue()).toBe('127.0.0.1');
  await workbench().answer('board');
  await expect.poll(() => workbench().quickInputMessage()).toContain('board is taken');
  await workbench().answer('second');
  await workbench().row('Targets', 'second').waitFor();
  await workbench().screenshot('target-added');
  writeFileSync(knownHosts, '');
  const offer = await workbench().told('second is in your settings');
  await offer.getByRole('button', { name: 'Connect' }).click();
  await workbench().dialog.getByRole('button', { name: 'Trust Once' }).click();
  await workbench().answer(user.password);
  await workbench().statusBarItem('Kernel target second, ').waitFor();
  expect(readFileSync(knownHosts, 'utf8')).toBe('');
});

it('removes a target that is connected, once that is agreed to', async () => {
  await workbench().command('Kernel Modules: Remove Target…');
  await workbench().quickPick('second').click();
  await workbench().dialog.waitFor();
  expect(await workbench().dialog.innerText()).toContain('Its connection is ended.');
  await workbench().screenshot('target-remove');
  await workbench().dialog.getByRole('button', { name: 'Remove second' }).click();
  await workbench().row('Targets', 'second').waitFor({ state: 'detached' });
  await expect.poll(async () => (await workbench().rows('Targets')).length).toBe(3);
  await workbench().screenshot('target-removed');
});

it('leads to the settings of the targets', async () => {
  await workbench().command('Kernel Modules: Edit Target in Settings');
  await workbench().editorTab('Settings').waitFor();
});
