import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { BudgetError } from '../../kmod/budget';
import { kbuildModuleAt, KBUILD_FILE_NAMES, type KbuildModule } from '../../kmod/kbuild';
import { firstValue, type ModuleInfo } from '../../kmod/modinfo';
import type { LocalModules } from '../kernel/localModules';
import { formatSize } from '../kernel/formatSize';
import { escapeMarkdown } from './escapeMarkdown';
import { messageOf } from './messageOf';

/** More parameters than these make a hover a page. */
const MAX_PARAMETERS = 12;

/** In a Kbuild file or Makefile, the module that an `obj-m` line names: what its last build says of itself. */
export class KbuildHover implements vscode.HoverProvider, vscode.Disposable {
  private readonly registration = vscode.languages.registerHoverProvider(
    KBUILD_FILE_NAMES.map((name) => ({ scheme: 'file', pattern: `**/${name}` })),
    this,
  );

  constructor(private readonly localModules: LocalModules) {}

  dispose(): void {
    this.registration.dispose();
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    let found;
    try {
      found = kbuildModuleAt(document.getText(), document.offsetAt(position));
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error;
      return new vscode.Hover(escapeMarkdown(error.message));
    }
    if (found === undefined) {
      return undefined;
    }
    const range = new vscode.Range(document.positionAt(found.start), document.positionAt(found.end));
    return new vscode.Hover(await this.describe(found.module, dirname(document.uri.fsPath)), range);
  }

  private async describe(module: KbuildModule, directory: string): Promise<vscode.MarkdownString> {
    const file = join(directory, `${module.name}.ko`);
    const built = await stat(file).catch(() => undefined);
    if (built === undefined) {
      return new vscode.MarkdownString(notBuilt(module));
    }
    const link = `[${escapeMarkdown(`${module.name}.ko`)}](${vscode.Uri.file(file).toString()})`;
    const facts = `${link} · ${formatSize(built.size)} · built ${built.mtime.toLocaleString()}`;
    try {
      return new vscode.MarkdownString(`${summary(await this.localModules.get(file))}\n\n---\n\n${facts}`);
    } catch (error) {
      return new vscode.MarkdownString(
        `**${escapeMarkdown(module.name)}**: ${escapeMarkdown(messageOf(error))}\n\n---\n\n${facts}`,
      );
    }
  }
}

function notBuilt({ name, objects, conditional }: KbuildModule): string {
  const parts = objects.map((object) => `\`${object.replaceAll('`', '')}\``).join(', ');
  const condition =
    conditional === true
      ? '\n\nThe kernel configuration says whether it is a module, built in, or left out.'
      : '';
  return `**${escapeMarkdown(name)}**: not built yet: ${escapeMarkdown(name)}.ko is not here.\n\nIt is linked from ${parts}.${condition}`;
}

/** A module's own words, escaped: they may hold anything. */
function summary(info: ModuleInfo): string {
  const value = (key: string): string => escapeMarkdown(firstValue(info, key) ?? '');
  const head = [`**${escapeMarkdown(info.name)}**`, value('version')].filter((text) => text !== '').join(' ');
  const facts = [
    value('license') === '' ? '⚠ no licence' : value('license'),
    value('vermagic').trim(),
    escapeMarkdown(info.architecture ?? ''),
  ].filter((text) => text !== '');
  const parameters = info.parameters
    .toReversed()
    .slice(0, MAX_PARAMETERS)
    .map(({ name, type, description }) => {
      const text = description === undefined ? '' : `: ${escapeMarkdown(description)}`;
      return `- **${escapeMarkdown(name)}** ${escapeMarkdown(type ?? '')}${text}`;
    });
  const more = info.parameters.length - parameters.length;
  return [
    head,
    value('description'),
    facts.join(' · '),
    [...parameters, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n'),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}
