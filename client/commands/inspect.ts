import * as vscode from 'vscode';
import type { TargetItem } from '../views/targetsView';
import { ensureConnected } from './targets';
import type { Services } from './services';

export async function refresh({ monitor, devices }: Services): Promise<void> {
  await Promise.all([monitor.refreshChanged(), devices.refresh()]);
}

export async function filterModules({ loadedModules }: Services): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: 'Filter Loaded Modules',
    prompt: 'A part of the name; empty shows all',
    value: loadedModules.filter,
  });
  if (text !== undefined) {
    loadedModules.filter = text;
  }
}

export function clearFilter({ loadedModules }: Services): void {
  loadedModules.filter = '';
}

export async function showKernelLog(services: Services, clicked: unknown): Promise<void> {
  const item = clicked as Partial<TargetItem> | undefined;
  const name = item?.kind === 'target' ? item.name : undefined;
  services.kernelLogs.show(name ?? (await ensureConnected(services)).name);
}

export function showLog({ log }: Services): void {
  log.show(true);
}
