import type { TextDocument } from 'vscode-languageserver-textdocument';
import { isGlob, matchesGlob } from '../../kmod/config/glob';
import type { Statement } from '../../kmod/config/syntax';
import { firstOf, isEntryOf, optionsOf, placeOfEntry } from './effective';
import { escapeMarkdown } from './markdown';
import type { Neighbourhood } from './neighbours';

const MAX_MODULES = 10;

/**
 * What an install or remove line keeps from happening, and what keeps it from being used, in Markdown.
 * @param names of all modules
 */
export function describeHiding(
  statement: Statement,
  document: TextDocument,
  system: Neighbourhood,
  names: readonly string[],
): string[] {
  const [subject, command] = statement.arguments;
  if (subject === undefined || command === undefined) return [];
  const { configuration } = system;
  const name = subject.value;
  const isInstall = statement.command.text === 'install';
  const matching = isGlob(name) ? names.filter((module) => matchesGlob(name, module)) : [];
  const action = isInstall ? 'inserts no' : 'removes no';
  const facts = [`\`modprobe${isInstall ? '' : ' -r'}\` runs the command, and ${action} module itself.`];
  if (isGlob(name)) facts.push(`It matches ${listed(matching)} of this kernel.`);
  else {
    const first = firstOf(configuration, isInstall ? 'install' : 'remove', name);
    if (first !== undefined && !isEntryOf(first, statement, document, system)) {
      facts.push(`**Not used:** ${place(first)} matches first.`);
    }
    const softdep = firstOf(configuration, 'softdep', name);
    if (softdep !== undefined) {
      facts.push(
        `**Hidden by the softdep** at ${place(softdep)}, as soon as one of the modules that it names exists.`,
      );
    }
    const options = optionsOf(configuration, name);
    if (isInstall && options.length > 0 && !command.text.includes('$CMDLINE_OPTS')) {
      const places = [...new Set(options.map(({ entry }) => place(entry)))];
      facts.push(
        `**Lost options:** those of ${places.join(', ')} reach the command only where it says \`$CMDLINE_OPTS\`.`,
      );
    }
  }
  return [facts.map((fact) => `- ${fact}`).join('\n')];
}

function listed(modules: readonly string[]): string {
  if (modules.length === 0) return 'no module';
  const shown = modules.slice(0, MAX_MODULES).map(escapeMarkdown).join(', ');
  return modules.length > MAX_MODULES ? `${shown} and ${modules.length - MAX_MODULES} more modules` : shown;
}

function place(entry: Parameters<typeof placeOfEntry>[0]): string {
  return escapeMarkdown(placeOfEntry(entry));
}
