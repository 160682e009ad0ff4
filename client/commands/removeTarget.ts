import * as vscode from 'vscode';
import { SCRATCH } from '../targets/definition';
import { askModally } from '../views/say';
import { CancelledError } from './cancellation';
import type { Services } from './services';
import { removeTargetSetting, targetSettings } from './settings';
import { chosenTarget, pickTarget } from './targets';

/** Takes a target out of the settings, once a person has agreed; a connection to it is ended. */
export async function removeTarget(services: Services, clicked: unknown): Promise<void> {
  const { manager } = services;
  const name =
    chosenTarget(clicked) ??
    (await pickTarget(services, 'Remove which target?', (other) => other.name !== SCRATCH));
  if (name === undefined) {
    throw new CancelledError();
  }
  const isOff = ['disconnected', 'failed'].includes(manager.state(name).kind);
  const ends =
    manager.definition(name)?.kind === 'scratch' ? 'Its kernel is stopped' : 'Its connection is ended';
  const verb = `Remove ${name}`;
  const answer = await askModally(
    `Remove ${name} from your targets?`,
    `${isOff ? '' : `${ends}. `}Its entry is taken out of the setting kmod.targets.`,
    verb,
  );
  if (answer !== verb) {
    throw new CancelledError();
  }
  await removeTargetSetting(name);
  manager.setDefinitions(targetSettings().definitions);
  vscode.window.setStatusBarMessage(`$(check) ${name} removed`, 6000);
}
