import type { TextDocument } from 'vscode-languageserver-textdocument';
import { isGlob, matchesGlob } from '../../kmod/config/glob';
import type { Statement } from '../../kmod/config/syntax';
import { code, joinMarkdown, prose, type Markdown } from '../../kmod/markdown';
import { firstOf, isEntryOf, optionsOf, placeOfEntry } from './effective';
import type { Neighbourhood } from './neighbours';

const MAX_MODULES = 10;

/**
 * What an install or remove line keeps from happening, and what keeps it from being used.
 * @param names of all modules
 */
export function describeHiding(
  statement: Statement,
  document: TextDocument,
  system: Neighbourhood,
  names: readonly string[],
): Markdown | undefined {
  const [subject, command] = statement.arguments;
  if (subject === undefined || command === undefined) return undefined;
  const { configuration } = system;
  const name = subject.value;
  const isInstall = statement.command.text === 'install';
  const matching = isGlob(name) ? names.filter((module) => matchesGlob(name, module)) : [];
  const action = isInstall ? 'inserts no' : 'removes no';
  const facts = [
    prose`${code(isInstall ? 'modprobe' : 'modprobe -r')} runs the command, and ${action} module itself.`,
  ];
  if (isGlob(name)) facts.push(prose`It matches ${listed(matching)} of this kernel.`);
  else {
    const first = firstOf(configuration, isInstall ? 'install' : 'remove', name);
    if (first !== undefined && !isEntryOf(first, statement, document, system)) {
      facts.push(prose`**Not used:** ${placeOfEntry(first)} matches first.`);
    }
    const softdep = firstOf(configuration, 'softdep', name);
    if (softdep !== undefined) {
      facts.push(
        prose`**Hidden by the softdep** at ${placeOfEntry(softdep)}, as soon as one of the modules that it names exists.`,
      );
    }
    const options = optionsOf(configuration, name);
    if (isInstall && options.length > 0 && !command.text.includes('$CMDLINE_OPTS')) {
      const places = [...new Set(options.map(({ entry }) => placeOfEntry(entry)))];
      facts.push(
        prose`**Lost options:** those of ${joinMarkdown(places, ', ')} reach the command only where it says \`$CMDLINE_OPTS\`.`,
      );
    }
  }
  return joinMarkdown(
    facts.map((fact) => prose`- ${fact}`),
    '\n',
  );
}

function listed(modules: readonly string[]): string {
  if (modules.length === 0) return 'no module';
  const shown = modules.slice(0, MAX_MODULES).join(', ');
  return modules.length > MAX_MODULES ? `${shown} and ${modules.length - MAX_MODULES} more modules` : shown;
}
