import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { programPath, safeEnvironment } from '../../engine/base/programs';
import { execute } from '../kernel/command';
import { reboot } from '../kernel/rebootTarget';
import { hasSerialConsole } from '../targets/serial/serialConsoles';
import type { ConnectedState } from '../targets/targetManager';
import { quoteForPeople } from '../targets/quote';
import { sshCommandLine } from '../targets/sshCommandLine';
import { openConsoleTerminal } from '../views/consoleTerminals';
import { messageOf } from '../views/messageOf';
import { CancelledError } from './cancellation';
import type { Services } from './services';
import { chosenTarget, ensureConnected, pickTarget } from './targets';
import { askModally, say } from '../views/say';

/** How a person gets to a target from a terminal. @throws Error when a scratch kernel is not running */
function commandLine({ manager }: Services, name: string): readonly string[] {
  const state = manager.state(name);
  const own = state.kind === 'connected' ? state.target.sshCommand : undefined;
  const definition = manager.definition(name);
  if (own === undefined && definition?.kind !== 'ssh') {
    throw new Error(
      definition?.kind === 'local' ? `${name} is reached without ssh.` : `${name} is not running.`,
    );
  }
  return own ?? (definition?.kind === 'ssh' ? sshCommandLine(definition) : []);
}

/** Opens a shell of the target in a terminal, on a connection of its own. */
export async function openTerminal(services: Services, clicked: unknown): Promise<void> {
  const name = chosenTarget(clicked) ?? (await ensureConnected(services)).name;
  const iconPath = new vscode.ThemeIcon('circuit-board');
  if (services.manager.definition(name)?.kind === 'local') {
    vscode.window.createTerminal({ name, iconPath }).show();
    return;
  }
  const [program = 'ssh', ...shellArgs] = commandLine(services, name);
  vscode.window
    .createTerminal({
      name,
      shellPath: programPath(program),
      // Where a shell would know the home directory, there is none between here and ssh.
      shellArgs: shellArgs.map((word) => word.replace(/^~(?=\/)/, homedir())),
      iconPath,
      // ssh may start others, such as a ProxyCommand, and the terminal's directory is else the workspace.
      cwd: homedir(),
      env: { PATH: safeEnvironment()['PATH'] },
    })
    .show();
}

/** Opens the serial console of a target; it need not be connected, and may be on its way to crash. */
export async function openConsole(services: Services, clicked: unknown): Promise<void> {
  const { manager, consoles } = services;
  const name =
    chosenTarget(clicked) ?? (await pickTarget(services, 'Whose serial console?', hasSerialConsole));
  if (name === undefined) {
    throw new CancelledError();
  }
  if (openConsoleTerminal(manager, consoles, name) === undefined) {
    throw new Error(
      `kmod.targets names no serialConsole for ${name}: a device, such as /dev/ttyUSB0, or a host and a port.`,
    );
  }
}

export async function copySshCommand(services: Services, clicked: unknown): Promise<void> {
  const name = chosenTarget(clicked) ?? (await ensureConnected(services)).name;
  const text = quoteForPeople(commandLine(services, name));
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`$(check) Copied: ${text}`, 6000);
}

/** Reboots a target, once a person has agreed; its state tells how it comes back. */
export async function rebootTarget(services: Services, clicked: unknown): Promise<void> {
  const name = chosenTarget(clicked) ?? (await ensureConnected(services)).name;
  if (services.manager.definition(name)?.kind === 'local') {
    throw new Error(`the editor runs on ${name}: reboot it yourself.`);
  }
  const verb = `Reboot ${name}`;
  const answer = await askModally(
    `Reboot ${name}?`,
    'Every module that was loaded by hand is gone afterwards, and so is what was not saved there.',
    verb,
  );
  if (answer !== verb) {
    throw new CancelledError();
  }
  await services.manager.reboot(name, ({ target }) => execute(target, reboot));
}

/** Says how targets came back, and what became of the work that was cut off: once for each. */
export function reportReturns(services: Services): vscode.Disposable {
  const reported = new WeakSet<ConnectedState['target']>();
  const { manager, pending } = services;
  return manager.onDidChange(() => {
    for (const { name } of manager.definitions) {
      const state = manager.state(name);
      if (state.kind === 'connected' && state.returned !== undefined && !reported.has(state.target)) {
        reported.add(state.target);
        void reportReturn(services, name, state);
      } else if (state.kind === 'disconnected') {
        pending.forget(name);
      }
    }
  });
}

async function reportReturn({ pending, log }: Services, name: string, state: ConnectedState): Promise<void> {
  const { returned } = state;
  const how =
    returned?.rebooted === undefined
      ? 'is back; whether it restarted can not be told'
      : returned.rebooted
        ? 'is back after a restart: modules that were loaded by hand are gone'
        : 'is back, and did not restart';
  try {
    const outcome = await pending.settle(name, state);
    const message = `${name} ${how}. ${outcome ?? ''}`.trim();
    log.info(message);
    if (outcome === undefined) {
      vscode.window.setStatusBarMessage(`$(check) ${message}`, 10_000);
    } else {
      await say.information(message);
    }
  } catch (error) {
    log.warn(`${name} ${how}. What became of the work that was cut off can not be told: ${messageOf(error)}`);
  }
}
