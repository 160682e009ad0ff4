import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { CodeLens } from 'vscode-languageserver-types';
import type { Configuration } from '../../../kmod/config/configuration';
import { isGlob } from '../../../kmod/config/glob';
import { rangeOf, type SyntaxCache } from '../documents';
import { optionsOf } from '../effective';
import type { Project } from '../project';

/** The editor's command that shows what `modprobe NAME` would do; its argument is the name. */
const EXPLAIN = 'kmod.explain';

/** Of lines that change how a module is loaded. A blacklist would be more lenses than lines. */
const COMMANDS = ['options', 'install', 'remove', 'softdep', 'weakdep'];

/** Above the first line about a module: which options it ends up with, and what modprobe would do. */
export class CodeLenses {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly project: Project,
  ) {}

  async of(document: TextDocument): Promise<CodeLens[]> {
    const seen = new Set<string>();
    const first = (this.syntaxes.get(document)?.nodes ?? []).flatMap((node) => {
      if (node.kind !== 'statement' || node.problem !== undefined) return [];
      const module = node.arguments[0]?.value;
      if (module === undefined || !COMMANDS.includes(node.command.text)) return [];
      if (isGlob(module) || seen.has(module)) return [];
      seen.add(module);
      return [{ module, range: rangeOf(document, node.line) }];
    });
    if (first.length === 0) return [];
    const { configuration } = await this.project.configurationWith(document);
    return first.flatMap(({ module, range }) =>
      [...summaryOf(configuration, module), `Explain modprobe ${module}`].map((title) => ({
        range,
        command: { title, command: EXPLAIN, arguments: [module] },
      })),
    );
  }
}

/** `effective: 3 options from 2 files` */
function summaryOf(configuration: Configuration, module: string): string[] {
  const effective = optionsOf(configuration, module).filter(({ overriddenBy }) => overriddenBy === undefined);
  if (effective.length === 0) return [];
  const origins = effective.map(({ entry }) => entry.origin);
  const files = new Set(origins.flatMap((origin) => (origin.kind === 'file' ? [origin.path] : [])));
  const sources = [
    ...(files.size === 0 ? [] : [counted(files.size, 'file')]),
    ...(origins.some(({ kind }) => kind === 'kernel-command-line') ? ['the kernel command line'] : []),
  ];
  return [`effective: ${counted(effective.length, 'option')} from ${sources.join(' and ')}`];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
