import * as vscode from 'vscode';
import { modprobeModule, modprobeRemoveModule, type ModprobeResult } from '../kernel/modprobe';
import { CancelledError, withProgress } from './cancellation';
import { afterChange } from './afterChange';
import { clickedModules, isInstalledRow } from './pickModule';
import type { Services } from './services';
import { ensureConnected } from './targets';

async function pickInstalled({ targetModules, monitor }: Services, title: string): Promise<string> {
  const loaded = new Set(monitor.snapshot?.modules.map(({ name }) => name));
  const names = targetModules.names().then((all) => all.filter((name) => !loaded.has(name)).sort());
  const picked = await vscode.window.showQuickPick(names, {
    title,
    placeHolder: 'An installed module; modprobe loads what it depends on, too',
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked;
}

async function pickLoaded({ monitor }: Services, title: string): Promise<string> {
  await monitor.refresh();
  if (monitor.error !== undefined) {
    throw monitor.error;
  }
  const names = (monitor.snapshot?.modules ?? []).map(({ name }) => name).sort();
  const picked = await vscode.window.showQuickPick(names, {
    title,
    placeHolder: 'A loaded module; what it alone depended on is unloaded, too',
  });
  if (picked === undefined) {
    throw new CancelledError();
  }
  return picked;
}

function summary({ loaded, unloaded }: ModprobeResult): string {
  const parts = [
    ...(loaded.length === 0 ? [] : [`loaded ${loaded.map(({ name }) => name).join(', ')}`]),
    ...(unloaded.length === 0 ? [] : [`unloaded ${unloaded.join(', ')}`]),
  ];
  return parts.length === 0 ? 'nothing to do' : parts.join('; ');
}

export async function modprobe(services: Services, clicked: unknown): Promise<void> {
  const { name: targetName, target } = await ensureConnected(services);
  // The title of Loaded Modules hands on the row that has the focus, which is not what is asked for.
  const row = isInstalledRow(clicked) ? clickedModules(clicked, undefined)[0] : undefined;
  const name = row ?? (await pickInstalled(services, 'Modprobe'));
  await afterChange(
    services,
    targetName,
    async () => {
      const result = await withProgress(`modprobe ${name} on ${targetName}`, ({ signal }) =>
        modprobeModule({ target, name }, signal),
      );
      return `modprobe ${name} on ${targetName}: ${summary(result)}`;
    },
    name,
  );
}

export async function modprobeRemove(services: Services, clicked: unknown): Promise<void> {
  const { name: targetName, target } = await ensureConnected(services);
  const name = clickedModules(clicked, undefined)[0] ?? (await pickLoaded(services, 'Modprobe Remove'));
  await afterChange(
    services,
    targetName,
    async () => {
      const result = await withProgress(`modprobe -r ${name} on ${targetName}`, ({ signal }) =>
        modprobeRemoveModule({ target, name }, signal),
      );
      return `modprobe -r ${name} on ${targetName}: ${summary(result)}`;
    },
    name,
  );
}
