/** Characters of a document. */
const SIZE = 100_000;
/** Characters of one word or list. */
const WORD_SIZE = 20_000;

/** A text again and again, up to the size of a document. */
const fill = (text: string, size = SIZE): string => text.repeat(Math.floor(size / text.length));

/** Lines up to the size of a document, each made of its number. */
function lines(line: (index: number) => string, size = SIZE): string {
  let text = '';
  for (let index = 0; text.length < size; index++) text += `${line(index)}\n`;
  return text;
}

const names = (count: number, prefix = 'm'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** What is odd in the place of a word or of a list, in any language. */
const ODD: Readonly<Record<string, string>> = {
  'a long word': 'x'.repeat(WORD_SIZE),
  'many words': fill('x ', WORD_SIZE),
  'many names': names(WORD_SIZE / 8).join(' '),
  blanks: `x${' '.repeat(WORD_SIZE)}x`,
  tabs: `x :${'\t'.repeat(WORD_SIZE)}x`,
  'open quotes': fill('"', WORD_SIZE),
  'an open quote': `"${fill('a\\', WORD_SIZE)}`,
  'single quotes': fill("'a ", WORD_SIZE),
  'open brackets': fill('[', WORD_SIZE),
  'brackets and stars': fill('*[a', WORD_SIZE),
  stars: fill('*a', WORD_SIZE),
  'question marks': fill('?', WORD_SIZE),
  commas: fill('a,', WORD_SIZE),
  dots: fill('.', WORD_SIZE),
  equals: fill('a=', WORD_SIZE),
  numbers: fill('1,', WORD_SIZE),
  colons: fill('pci:', WORD_SIZE),
  slashes: fill('/', WORD_SIZE),
  directories: fill('a/', WORD_SIZE),
  semicolons: fill(';modprobe ', WORD_SIZE),
  'calls of modprobe': fill('/sbin/modprobe -i x; ', WORD_SIZE),
  'paths of modprobe': fill('/a/modprobe', WORD_SIZE),
  redirections: fill('2>a ', WORD_SIZE),
  dollars: fill('$CMDLINE_OPTS ', WORD_SIZE),
  hashes: fill('#', WORD_SIZE),
  'words and hashes': fill('a #', WORD_SIZE),
  'udev rules': fill(',A{', WORD_SIZE),
  markers: fill('pre: ', WORD_SIZE),
  continuations: fill('\\\n', WORD_SIZE),
  'continued words': fill('x\\\n', WORD_SIZE),
  escapes: fill('\\x', WORD_SIZE),
  'carriage returns': fill('\r', WORD_SIZE),
  'bidirectional marks': fill('\u202e', WORD_SIZE),
  'halves of characters': fill('\ud800', WORD_SIZE),
  NULs: fill('\0', WORD_SIZE),
};

const COMMANDS = {
  modprobe: ['alias', 'options', 'install', 'blacklist', 'softdep', 'weakdep', ''],
  depmod: ['search', 'override', 'external', ''],
  'modules-load': [''],
} as const;

/** Those whose arguments are read as those of one above: a few texts are enough. */
const SIBLINGS = {
  modprobe: ['remove', 'include', 'config'],
  depmod: ['exclude', 'include', 'make_map_files'],
  'modules-load': [],
} as const;
const FEW = ['a long word', 'many words', 'blanks', 'continuations', 'semicolons'];

/** Hostile in the whole of a file. */
const FILES: Readonly<Record<keyof typeof COMMANDS, Readonly<Record<string, string>>>> = {
  modprobe: {
    'a chain of aliases': lines((n) => `alias a${n} a${n + 1}`),
    'a loop of aliases': `${lines((n) => `alias a${n} a${n + 1}`, SIZE / 2)}alias a5000 a0\n`,
    'the same alias': lines((n) => `alias a m${n}`),
    'patterns of aliases': lines((n) => `alias *${n}a* m${n}`),
    'patterns with many stars': lines(
      (n) => `alias *a*a*a*a*a*a*${n}b aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa${n}`,
    ),
    'dense softdeps': names(300)
      .map((name) => `softdep ${name} pre: ${names(120).join(' ')}\n`)
      .join(''),
    'a circle of softdeps': `${lines((n) => `softdep m${n} pre: m${n + 1}`, SIZE / 2)}softdep m4000 pre: m0\n`,
    'softdeps of one module': lines((n) => `softdep m pre: m${n} post: m${n + 1}`),
    'a long softdep, and many commands': `softdep m pre: ${names(SIZE / 16).join(' ')}\n${lines(() => 'install m /bin/true', SIZE / 2)}`,
    'softdeps and commands of many': lines(
      (n) => `softdep m${n} pre: m${n + 1} m${n + 2}\ninstall m${n} modprobe m${n + 1}`,
    ),
    'many options': lines((n) => `options hello p${n}=1`),
    'the same options': lines(() => 'options hello count=1 count=2'),
    'options of patterns': lines((n) => `options *${n} a=b`),
    'blacklisted modules': lines((n) => `blacklist m${n}`),
    'the same blacklist': lines(() => 'blacklist hello'),
    weakdeps: lines((n) => `weakdep m${n} m${n + 1} m${n + 2}`),
    'unknown commands': lines((n) => `aliass m${n}`),
    'words of the kernel command line': fill('modprobe.blacklist=a,b m.p=1 '),
    comments: lines(() => '# alias x y'),
    'commented continuations': lines(() => '# alias \\'),
    'empty lines': fill('\n'),
    'empty lines of Windows': fill('\r\n'),
    'nothing but commands': fill('alias\n'),
  },
  depmod: {
    searches: lines((n) => `search d${n}`),
    overrides: lines((n) => `override m${n} * d${n}`),
    'the same override': lines(() => 'override m * d'),
    externals: lines((n) => `external ^${n}[.] /d${n}`),
    'odd expressions': lines(() => 'external ((((a+)+)+)+[ /d'),
  },
  'modules-load': {
    modules: lines((n) => `m${n}`),
    'the same module': lines(() => 'hello'),
    comments: fill('; x\n'),
  },
};

const SOURCES: Readonly<Record<string, string>> = {
  'a string that is not closed': `MODULE_ALIAS("${'x'.repeat(SIZE)}`,
  'a string of escapes that is not closed': `MODULE_ALIAS("${fill('\\x')}`,
  'many strings that are not closed': fill('MODULE_LICENSE("GPL\n'),
  'calls that are not closed': fill('MODULE_ALIAS('),
  'strings one behind the other': `MODULE_ALIAS(${fill('"a" ')});\n`,
  parentheses: `MODULE_ALIAS${fill('(')}`,
  'closed parentheses': `MODULE_ALIAS(${'('.repeat(SIZE / 2)}${')'.repeat(SIZE / 2)})`,
  brackets: `MODULE_ALIAS("${fill('[')}");`,
  commas: `module_param(${fill('a,')}`,
  'comments that are not closed': fill('/* '),
  'lines of comments': fill('// \\\n'),
  'single quotes': fill("'"),
  continuations: fill('\\\n'),
  'a continued macro': `#define X ${fill('MODULE_ALIAS(x) \\\n')}`,
  conditions: fill('#if 0\n'),
  'conditions around calls': `${fill('#if 1\n', SIZE / 2)}${fill('MODULE_LICENSE("x");\n', SIZE / 2)}`,
  'conditions that end': fill('#endif\n'),
  'open directives': fill('#'),
  'a long directive': `#${' '.repeat(SIZE)}`,
  'a long #include': `#include "${'x'.repeat(SIZE)}`,
  'a long name': `${'x'.repeat(SIZE)}(MODULE_ALIAS("x"))`,
  'parameters without a description': lines((n) => `module_param(p${n}, int, 0);`),
  'descriptions without a parameter': lines((n) => `MODULE_PARM_DESC(p${n}, "x");`),
  'descriptions of parameters of like names': lines(
    (n) => `module_param(p${n}, int, 0);\nMODULE_PARM_DESC(q${n}, "x");`,
  ),
  'parameters of unknown types': lines((n) => `module_param(p${n}, t${n}, 0);`),
  'a description of a long name': `module_param(${'a'.repeat(SIZE / 2)}, int, 0);\nMODULE_PARM_DESC(${'a'.repeat(SIZE / 2)}b, "x");`,
  'calls of unknown macros': `${lines((n) => `FOO(p${n}`, SIZE / 2)}${lines((n) => `module_param(p${n}, int, 0);`, SIZE / 2)}`,
  'soft dependencies': lines((n) => `MODULE_SOFTDEP("pre: m${n}");`),
  'a long soft dependency': `MODULE_SOFTDEP("pre: ${names(SIZE / 8).join(' ')}");`,
  permissions: `module_param(a, int, ${fill('S_IRUGO|')}0);`,
  'drivers that are not closed': fill('module_x_driver(\n'),
  'calls of MODULE_INFO': fill('MODULE_INFO (  '),
};

export interface HostileDocument {
  readonly language: 'modprobe' | 'depmod' | 'modules-load' | 'c';
  readonly title: string;
  readonly text: string;
}

/** Documents of a language that were made to be slow. */
export function hostileDocuments(language: HostileDocument['language']): HostileDocument[] {
  const titled = (documents: Readonly<Record<string, string>>) =>
    Object.entries(documents).map(([title, text]) => ({ language, title, text }));
  if (language === 'c') return titled(SOURCES);
  const odd = Object.entries(ODD).flatMap(([title, text]) =>
    [...COMMANDS[language], ...(FEW.includes(title) ? SIBLINGS[language] : [])].map((command) => ({
      language,
      title: command === '' ? title : `${command} with ${title}`,
      text: command === '' ? text : `${command} x ${text}\n`,
    })),
  );
  return [...titled(FILES[language]), ...odd];
}
