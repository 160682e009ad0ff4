import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { contributedCommands, eventually, extension, open } from './support';

/** The command lines of the processes below a process, from /proc. */
function commandLinesBelow(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '))
    .filter((child) => child !== '')
    .flatMap((child) => [
      readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' '),
      ...commandLinesBelow(Number(child)),
    ]);
}

describe('the extension', () => {
  it('is not active before one of its files or views is opened', () => {
    assert.equal(extension().isActive, false);
  });

  it('activates when a modprobe.d file is opened', async () => {
    const document = await open('modprobe.d/good.conf');
    assert.equal(document.languageId, 'modprobe');
    await eventually(() => extension().isActive || undefined);
  });

  it('registers every command of its manifest', async () => {
    const registered = await vscode.commands.getCommands(true);
    assert.deepEqual(
      contributedCommands().filter((command) => !registered.includes(command)),
      [],
    );
  });

  it('shows its views', async () => {
    await vscode.commands.executeCommand('kmod.targets.focus');
    await vscode.commands.executeCommand('kmod.loadedModules.focus');
  });

  it('starts no virtual machine, connection or build by itself', () => {
    const started = commandLinesBelow(process.pid);
    assert.deepEqual(
      // Programs, not folders of this machine that are called like them.
      started.filter((line) => /(^|[\s/])(qemu-system-\S+|ssh|make)(\s|$)/.test(line)),
      [],
    );
    assert.deepEqual(
      Object.keys(require.cache).filter((path) => path.endsWith('/ssh2.js')),
      [],
    );
  });
});
