import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { BudgetError } from '../../kmod/budget';
import { code, fileLink, joinMarkdown, prose, type Markdown } from '../../kmod/markdown';
import { kbuildModuleAt, KBUILD_FILE_NAMES, type KbuildModule } from '../../kmod/kbuild';
import { firstValue, type ModuleInfo } from '../../kmod/modinfo';
import type { LocalModules } from '../kernel/localModules';
import { formatSize } from '../kernel/formatSize';
import { markdownString } from './markdownString';
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
      return new vscode.Hover(markdownString(prose`${error.message}`));
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
      return markdownString(describeUnbuilt(module));
    }
    const summary = await this.localModules
      .get(file)
      .then(describeBuilt, (error: unknown) => prose`**${module.name}**: ${messageOf(error)}`);
    const link = fileLink(`${module.name}.ko`, vscode.Uri.file(file).toString());
    const facts = prose`${link} · ${formatSize(built.size)} · built ${built.mtime.toLocaleString()}`;
    return markdownString(joinMarkdown([summary, facts], '\n\n---\n\n'));
  }
}

export function describeUnbuilt({ name, objects, conditional }: KbuildModule): Markdown {
  return joinMarkdown([
    prose`**${name}**: not built yet: ${`${name}.ko`} is not here.`,
    prose`It is linked from ${joinMarkdown(objects.map(code), ', ')}.`,
    conditional === true
      ? 'The kernel configuration says whether it is a module, built in, or left out.'
      : undefined,
  ]);
}

/** What a module says of itself. */
export function describeBuilt(info: ModuleInfo): Markdown {
  const value = (key: string): string => firstValue(info, key) ?? '';
  const license = value('license');
  const parameters = info.parameters
    .toReversed()
    .slice(0, MAX_PARAMETERS)
    .map(({ name, type, description }) => {
      const words = joinMarkdown([prose`**${name}**`, type], ' ');
      return description === undefined ? prose`- ${words}` : prose`- ${words}: ${description}`;
    });
  const more = info.parameters.length - parameters.length;
  return joinMarkdown([
    joinMarkdown([prose`**${info.name}**`, value('version')], ' '),
    value('description'),
    joinMarkdown([license === '' ? '⚠ no licence' : license, value('vermagic'), info.architecture], ' · '),
    joinMarkdown([...parameters, more > 0 ? prose`- and ${more} more` : undefined], '\n'),
  ]);
}
