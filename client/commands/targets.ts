import * as vscode from 'vscode';
import { readTargets, SCRATCH, type SshTargetDefinition, type TargetDefinition } from '../targets/definition';
import type { Target, TargetFacts } from '../targets/target';
import { presentState } from '../views/presentState';
import type { TargetItem } from '../views/targetsView';
import { CancelledError, withProgress } from './cancellation';
import type { Services } from './services';
import { addTargetSetting, targetSettings } from './settings';
import { say } from '../views/say';

export interface Connection {
  readonly name: string;
  readonly target: Target;
  readonly facts: TargetFacts;
}

/** The target that was clicked. */
export const chosenTarget = (argument: unknown): string | undefined =>
  typeof argument === 'object' && argument !== null && (argument as Partial<TargetItem>).kind === 'target'
    ? (argument as TargetItem).name
    : undefined;

const called = (name: string): string => (name === SCRATCH ? 'the scratch kernel' : name);

/** Connects a target under a progress that can be cancelled, and makes it the active one. */
async function connectTo({ manager }: Services, name: string): Promise<Connection> {
  manager.select(name);
  const title =
    manager.definition(name)?.kind === 'scratch' ? `Starting ${called(name)}` : `Connecting to ${name}`;
  const before = manager.state(name);
  if (before.kind !== 'connected') {
    await withProgress(title, async ({ signal, report }) => {
      const subscription = manager.onDidChange(() => {
        const state = manager.state(name);
        if (state.kind === 'connecting' && state.step !== undefined) {
          report(state.step);
        }
      });
      try {
        await manager.connect(name, signal);
      } finally {
        subscription.dispose();
      }
    });
  }
  const state = manager.state(name);
  if (state.kind !== 'connected') {
    throw state.kind === 'failed' || state.kind === 'lost' ? state.error : new CancelledError();
  }
  return { name, target: state.target, facts: state.facts };
}

/** The active target, connected; asks which one when there is none, and connects when it is not. */
export async function ensureConnected(services: Services): Promise<Connection> {
  const { manager } = services;
  const name = manager.active ?? (await pickTarget(services, 'Which target?'));
  if (name === undefined) {
    throw new CancelledError();
  }
  return connectTo(services, name);
}

export async function pickTarget(
  { manager, statuses }: Services,
  title: string,
  among: (definition: TargetDefinition) => boolean = () => true,
): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(
    manager.definitions.filter(among).map((definition) => {
      const { icon, text } = presentState(
        definition,
        manager.state(definition.name),
        statuses.of(definition.name),
      );
      return { label: `$(${icon}) ${definition.name}`, description: text, name: definition.name };
    }),
    { title, placeHolder: 'A target is where modules are loaded' },
  );
  return picked?.name;
}

export async function connect(services: Services, argument: unknown): Promise<void> {
  const name = chosenTarget(argument);
  await (name === undefined ? ensureConnected(services) : connectTo(services, name));
}

export async function disconnect({ manager }: Services, argument: unknown): Promise<void> {
  const name = chosenTarget(argument) ?? manager.active;
  if (name !== undefined) {
    await manager.disconnect(name);
  }
}

export async function startScratch(services: Services): Promise<void> {
  await connectTo(services, SCRATCH);
}

export async function stopScratch({ manager }: Services): Promise<void> {
  await manager.disconnect(SCRATCH);
}

/** Connects as a command of its own: what fails in it is told as the connection's failure. */
export const connectByCommand = (name: string): Thenable<unknown> => {
  const item: TargetItem = { kind: 'target', name };
  return vscode.commands.executeCommand('kmod.connect', item);
};

/** From the Targets view: makes that target active. From the status bar: a list of targets and of what to do. */
export async function selectTarget(services: Services, argument: unknown): Promise<void> {
  const { manager, statuses } = services;
  const name = chosenTarget(argument);
  if (name !== undefined) {
    manager.select(name);
    return;
  }
  type Choice = vscode.QuickPickItem & { run?: () => unknown };
  const targets: Choice[] = manager.definitions.map((definition) => {
    const { icon, text } = presentState(
      definition,
      manager.state(definition.name),
      statuses.of(definition.name),
    );
    return {
      label: `$(${icon}) ${definition.name}`,
      description: manager.active === definition.name ? `active · ${text}` : text,
      run: () => connectByCommand(definition.name),
    };
  });
  const active = manager.active;
  const activeState = active === undefined ? undefined : manager.state(active);
  const actions: Choice[] = [
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(add) Add a target over SSH…', run: () => addTarget(services) },
    {
      label: '$(add) Add a scratch kernel…',
      run: () => vscode.commands.executeCommand('kmod.addScratchTarget'),
    },
    { label: '$(vm) Use this computer', run: () => addLocalTarget(services) },
  ];
  if (active !== undefined && (activeState?.kind === 'lost' || activeState?.kind === 'rebooting')) {
    actions.push({
      label: `$(circle-slash) Stop reconnecting to ${active}`,
      run: () => manager.disconnect(active),
    });
  }
  if (active !== undefined && activeState?.kind === 'connected') {
    const item: TargetItem = { kind: 'target', name: active };
    actions.push(
      {
        label: `$(terminal) Open a terminal on ${active}`,
        run: () => vscode.commands.executeCommand('kmod.openTerminal', item),
      },
      { label: `$(output) Show the kernel log of ${active}`, run: () => services.kernelLogs.show(active) },
      {
        label: `$(debug-disconnect) ${manager.definition(active)?.kind === 'scratch' ? `Stop ${called(active)}` : `Disconnect ${active}`}`,
        run: () => manager.disconnect(active),
      },
    );
  }
  const picked = await vscode.window.showQuickPick<Choice>([...targets, ...actions], {
    title: 'Kernel Modules: Target',
    placeHolder: 'Select a target to connect to it',
  });
  await picked?.run?.();
}

/** Host, login, name; then the target is in the user's settings, and a connection is offered. */
export async function addTarget(services: Services): Promise<void> {
  const address = await vscode.window.showInputBox({
    title: 'Add Target (1/2): Address',
    prompt: 'As you would give it to ssh: user@host, user@host:port, or a Host of ~/.ssh/config',
    placeHolder: 'root@192.168.7.2',
    ignoreFocusOut: true,
    validateInput: (value) =>
      parseAddress(value) === undefined ? 'Not an address: [user@]host[:port]' : undefined,
  });
  const parsed = address === undefined ? undefined : parseAddress(address);
  if (parsed === undefined) {
    return;
  }
  const taken = new Set(services.manager.definitions.map(({ name }) => name));
  const name = await vscode.window.showInputBox({
    title: 'Add Target (2/2): Name',
    prompt: 'How the views call it',
    value: parsed.host,
    ignoreFocusOut: true,
    validateInput: (value) =>
      value.trim() === ''
        ? 'A name, please'
        : taken.has(value.trim())
          ? `${value.trim()} is taken`
          : undefined,
  });
  if (name === undefined) {
    return;
  }
  const definition: SshTargetDefinition = { kind: 'ssh', name: name.trim(), ...parsed };
  await addTargetSetting(definition);
  services.manager.setDefinitions(targetSettings().definitions);
  services.manager.select(definition.name);
  const connectNow = 'Connect';
  const answer = await say.information(`${definition.name} is in your settings (kmod.targets).`, connectNow);
  if (answer === connectNow) {
    await connectByCommand(definition.name);
  }
}

/** The machine where the extension runs, as a target: in the user's settings, and the active one. */
export async function addLocalTarget({ manager }: Services): Promise<void> {
  const there = manager.definitions.find(({ kind }) => kind === 'local');
  const definition = there ?? { kind: 'local' as const, name: 'this computer' };
  if (there === undefined) {
    await addTargetSetting(definition);
    manager.setDefinitions(targetSettings().definitions);
  }
  await connectByCommand(definition.name);
}

/** "[user@]host[:port]" with an IPv6 address in brackets; undefined when it is none. */
function parseAddress(address: string): Omit<SshTargetDefinition, 'kind' | 'name'> | undefined {
  const match = /^(?:([^\s@]+)@)?(?:\[([0-9A-Fa-f:.%]+)\]|([^\s@:[\]-][^\s@:[\]]*))(?::(\d{1,5}))?$/.exec(
    address.trim(),
  );
  const host = match?.[2] ?? match?.[3];
  if (match === null || host === undefined) {
    return undefined;
  }
  const entry = {
    name: 'new',
    host,
    ...(match[1] === undefined ? {} : { user: match[1] }),
    ...(match[4] === undefined ? {} : { port: Number(match[4]) }),
  };
  const [definition] = readTargets([entry]).definitions;
  if (definition?.kind !== 'ssh') {
    return undefined;
  }
  const { kind: _kind, name: _name, ...rest } = definition;
  return rest;
}
