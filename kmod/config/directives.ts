import { prose, type Markdown } from '../markdown';
import type { ConfigLanguage } from './syntax';
import type { KmodVersion } from './versions';

/** What an argument of a directive holds, and how kmod compares it. */
export type ArgumentKind =
  /** A pattern that fnmatch() compares with the name asked for. */
  | 'alias-pattern'
  /** One module, compared exactly. */
  | 'module'
  /** The name of a module or of an alias, compared exactly. */
  | 'module-or-alias'
  /** A module or a pattern that fnmatch() compares with module names. */
  | 'module-pattern'
  /** `key=value …` for the module, as on the kernel command line. */
  | 'parameters'
  /** Text for /bin/sh. */
  | 'shell-command'
  /** `pre: NAME… post: NAME…` */
  | 'soft-dependencies'
  /** `NAME…` */
  | 'module-list'
  /** depmod.d: the name of a module's file without .ko; `-` and `_` differ. */
  | 'module-file'
  /** depmod.d: `*` or a POSIX extended regular expression for the kernel release. */
  | 'release-pattern'
  /** depmod.d: a directory below /lib/modules/RELEASE. */
  | 'directory'
  /** depmod.d: a directory anywhere. */
  | 'absolute-directory'
  | 'flag'
  | 'path';

export interface ArgumentShape {
  /** As the man page's synopsis calls it. */
  readonly label: string;
  readonly kind: ArgumentKind;
  /** A 'word' ends at a blank; the 'rest' is taken as it stands and must not be empty; 'words' may be none. */
  readonly takes: 'word' | 'rest' | 'words';
  /** Words that mean something of their own here. */
  readonly keywords?: readonly string[];
}

export interface Directive {
  readonly name: string;
  /** The first kmod that knows it, where that is not the first kmod of all. */
  readonly since?: KmodVersion;
  /** kmod knows the name, says that it is deprecated or not implemented, and drops the line. */
  readonly dropped?: true;
  readonly arguments: readonly ArgumentShape[];
  /** The meaning, after the man page. */
  readonly meaning: Markdown;
}

/** The form of a command's line, as the man page's synopsis has it. */
export function synopsisOf({ name, arguments: shapes }: Directive): string {
  return [name, ...shapes.map(({ label }) => label)].join(' ');
}

const word = (label: string, kind: ArgumentKind): ArgumentShape => ({ label, kind, takes: 'word' });
const rest = (label: string, kind: ArgumentKind): ArgumentShape => ({ label, kind, takes: 'rest' });
const words = (label: string, kind: ArgumentKind): ArgumentShape => ({ label, kind, takes: 'words' });

const KERNEL_VERSION: ArgumentShape = { ...word('kernelversion', 'release-pattern'), keywords: ['*'] };

/** modprobe.d(5); kmod_config_parse() in libkmod/libkmod-config.c. */
const MODPROBE_DIRECTIVES: readonly Directive[] = [
  {
    name: 'alias',
    arguments: [word('wildcard', 'alias-pattern'), word('modulename', 'module')],
    meaning: prose`Gives a module another name: \`modprobe\` of a name that matches *wildcard* loads *modulename*. The wildcard is a shell pattern (\`*\`, \`?\`, \`[…]\`). An alias never leads to another alias.`,
  },
  {
    name: 'blacklist',
    arguments: [word('modulename', 'module')],
    meaning: prose`Ignores the aliases inside the module *modulename*, so that the kernel does not load it for a device. \`modprobe modulename\` by name, and modules that depend on it, still load it.`,
  },
  {
    name: 'install',
    arguments: [word('modulename', 'module-pattern'), rest('command...', 'shell-command')],
    meaning: prose`Runs a shell *command* instead of inserting the module. \`$CMDLINE_OPTS\` in it is replaced by the options of the configuration and of the \`modprobe\` command line. The dependencies are loaded before it runs. Only the first line that matches a module counts.`,
  },
  {
    name: 'options',
    arguments: [word('modulename', 'module-or-alias'), rest('option...', 'parameters')],
    meaning: prose`Adds options to the module (or alias) *modulename* each time that \`modprobe\` inserts it. All matching lines are put together; those of the command line come last.`,
  },
  {
    name: 'remove',
    arguments: [word('modulename', 'module-pattern'), rest('command...', 'shell-command')],
    meaning: prose`Runs a shell *command* instead of removing the module, when \`modprobe -r\` is used.`,
  },
  {
    name: 'softdep',
    arguments: [
      word('modulename', 'module-pattern'),
      {
        ...rest('pre: modules... post: modules...', 'soft-dependencies'),
        keywords: ['pre:', 'post:'],
      },
    ],
    meaning: prose`Names optional dependencies: the modules after \`pre:\` are loaded before *modulename*, those after \`post:\` after it; one that fails or does not exist is passed over. Takes precedence over \`install\` and \`remove\` of the same module. Only the first line that matches a module counts.`,
  },
  {
    name: 'weakdep',
    since: 33,
    arguments: [word('modulename', 'module-pattern'), rest('modules...', 'module-list')],
    meaning: prose`Names modules that *modulename* may ask for by itself later. \`modprobe\` does not load them; tools that build an initramfs put them in.`,
  },
  {
    name: 'include',
    dropped: true,
    arguments: [rest('filename', 'path')],
    meaning: prose`Not parsed since kmod 4: every \`*.conf\` file of the directory is read anyway.`,
  },
  {
    name: 'config',
    dropped: true,
    arguments: [rest('filename', 'path')],
    meaning: prose`Not parsed since kmod 4.`,
  },
];

/** depmod.d(5); cfg_file_parse() in tools/depmod.c. */
const DEPMOD_DIRECTIVES: readonly Directive[] = [
  {
    name: 'search',
    arguments: [{ ...words('subdirectory...', 'directory'), keywords: ['updates', 'built-in', 'external'] }],
    meaning: prose`The order in which directories below \`/lib/modules/RELEASE\` are looked at when two modules have one name: the first wins. \`built-in\` stands for all directories that are not named, \`external\` for those of \`external\` lines. Without any \`search\` line, \`updates\` comes first.`,
  },
  {
    name: 'override',
    arguments: [word('modulename', 'module-file'), KERNEL_VERSION, word('modulesubdirectory', 'directory')],
    meaning: prose`Takes the module *modulename* from *modulesubdirectory*, whatever the search order says, for the kernels whose release matches *kernelversion* (\`*\`: all). The name is the file name without \`.ko\`: \`-\` and \`_\` differ.`,
  },
  {
    name: 'external',
    since: 25,
    arguments: [KERNEL_VERSION, word('absolutemodulesdirectory', 'absolute-directory')],
    meaning: prose`Reads modules from a directory outside \`/lib/modules\` too, for the kernels whose release matches *kernelversion*.`,
  },
  {
    name: 'exclude',
    since: 30,
    arguments: [words('excludedir...', 'directory')],
    meaning: prose`Leaves directories of this name out of the search, at any depth. \`build\` and \`source\` always are.`,
  },
  {
    name: 'include',
    dropped: true,
    arguments: [rest('filename', 'path')],
    meaning: prose`Not implemented in kmod: the line has no effect.`,
  },
  {
    name: 'make_map_files',
    dropped: true,
    arguments: [rest('yes|no', 'flag')],
    meaning: prose`Not implemented in kmod: the line has no effect.`,
  },
];

const byName = (directives: readonly Directive[]): ReadonlyMap<string, Directive> =>
  new Map(directives.map((directive) => [directive.name, directive]));

const TABLES: Readonly<Record<ConfigLanguage, ReadonlyMap<string, Directive>>> = {
  modprobe: byName(MODPROBE_DIRECTIVES),
  depmod: byName(DEPMOD_DIRECTIVES),
  'modules-load': byName([]),
};

/** The commands of a language by name, those that kmod drops included. */
export function directivesOf(language: ConfigLanguage): ReadonlyMap<string, Directive> {
  return TABLES[language];
}
