import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModuleTree } from '../../../kmod/tree/moduleTree';
import { hashModuleFile, type HashedModule } from '../../kernel/openModuleFile';
import { WatchedFile } from './watchedFile';

export const TARGET_MODULE_VIEW = 'kmod.targetModule';
export const COMPARISON_VIEW = 'kmod.moduleComparison';

/** An installed module of a target, whose file was fetched. */
export interface TargetModule {
  readonly kind: 'targetModule';
  readonly target: string;
  /** As depmod's index has it. */
  readonly module: string;
  /** Of the kernel that the target runs. */
  readonly release: string;
  readonly opened: HashedModule;
  /** What depmod wrote there. */
  readonly tree: ModuleTree;
}

export const isTargetModule = (thing: unknown): thing is TargetModule =>
  typeof thing === 'object' &&
  thing !== null &&
  (thing as { readonly kind?: unknown }).kind === 'targetModule';

/** A side of a comparison: a file of this machine, or what was fetched from a target. */
export type Build = vscode.Uri | TargetModule;

export const buildLabel = (build: Build): string =>
  build instanceof vscode.Uri
    ? vscode.workspace.asRelativePath(build)
    : `${build.target}:${basename(build.opened.file)}`;

/** A side of a comparison while it is shown. */
export interface ShownBuild extends vscode.Disposable {
  readonly label: string;
  readonly path: string;
  current(): Promise<HashedModule>;
  /** Does nothing for what was fetched: it is what it was. */
  onDidChange(listener: () => void): vscode.Disposable;
}

export function showBuild(build: Build): ShownBuild {
  const label = buildLabel(build);
  if (!(build instanceof vscode.Uri)) {
    const nothing = new vscode.Disposable(() => undefined);
    return {
      label,
      path: build.opened.file,
      current: () => Promise.resolve(build.opened),
      onDidChange: () => nothing,
      dispose: () => undefined,
    };
  }
  const file = new WatchedFile(build, hashModuleFile);
  return {
    label,
    path: build.fsPath,
    current: () => file.current(),
    onDidChange: (listener) => file.onDidChange(listener),
    dispose: () => file.dispose(),
  };
}
