import type { Pump } from '../reader';

const lines = (bytes: number, line: (index: number) => string): Buffer => {
  const count = Math.max(1, Math.floor(bytes / (line(1000).length + 1)));
  return Buffer.from(Array.from({ length: count }, (_, index) => `${line(index)}\n`).join(''));
};

const middle =
  (before: string, piece: string, after = ''): Pump =>
  (bytes) =>
    Buffer.from(before + piece.repeat(Math.ceil(bytes / piece.length)) + after);

export const C_RECIPES: Readonly<Record<string, Pump>> = {
  'a string without its end': middle('MODULE_ALIAS("', 'x'),
  'a license without its end': middle('MODULE_LICENSE("', 'x', '\n'),
  'a description of backslashes': middle('MODULE_PARM_DESC(count, "', '\\x4'),
  'many strings': middle('MODULE_ALIAS(', '"x" ', ')\n'),
  'many parameters': (bytes) => lines(bytes, (index) => `module_param(p${index}, int, 0644);`),
  'many descriptions': (bytes) => lines(bytes, (index) => `MODULE_PARM_DESC(p${index}, "x");`),
  'soft dependencies': middle('MODULE_SOFTDEP("', 'pre: a ', '")\n'),
  'nested brackets': middle('module_param(', '('),
  permissions: middle('module_param(x, int, ', 'S_IRUGO | ', ')\n'),
  'comments without their end': middle('', '/* '),
};

/** Variables of which each holds the next one so many times. */
const nested =
  (references: number): Pump =>
  (bytes) => {
    const depth = Math.max(1, Math.floor(bytes / (references * 8)));
    const variables = Array.from(
      { length: depth },
      (_, index) => `V${index} = ${`$(V${index + 1}) `.repeat(references)}\n`,
    );
    return Buffer.from(`obj-m := $(V0)\n${variables.join('')}V${depth} = x.o\n`);
  };

export const KBUILD_RECIPES: Readonly<Record<string, Pump>> = {
  'variables in variables': nested(6),
  'more variables in variables': nested(40),
  'a variable that holds itself': middle('obj-m := $(a)\na = ', '$(a) '),
  'many modules': (bytes) => lines(bytes, (index) => `obj-m += module${index}.o`),
  'many modules in a line': middle('obj-m := ', 'module.o '),
  'many lists': (bytes) => lines(bytes, (index) => `obj-m += m${index}.o\nm${index}-y := a.o b.o`),
  'names in variables': (bytes) =>
    lines(bytes, (index) => `obj-$(V${index}) += m${index}.o\n$(N)${index}-y = x.o`),
  'a long word': middle('obj-m := ', 'x', '.o\n'),
  continuations: middle('obj-m := a.o ', '\\\n'),
  comments: middle('obj-m := a.o ', '#'),
  'added to one': (bytes) => lines(bytes, () => 'obj-m += a.o'),
};

export const MODPROBE_RECIPES: Readonly<Record<string, Pump>> = {
  'a chain of aliases': (bytes) => lines(bytes, (index) => `alias a${index} a${index + 1}`),
  'a chain of soft dependencies': (bytes) => lines(bytes, (index) => `softdep m${index} pre: m${index + 1}`),
  'dense soft dependencies': (bytes) => {
    const count = Math.max(1, Math.floor(Math.sqrt(bytes / 6)));
    const all = Array.from({ length: count }, (_, index) => `m${index}`).join(' ');
    return Buffer.from(
      Array.from({ length: count }, (_, index) => `softdep m${index} pre: ${all}\n`).join(''),
    );
  },
  'an install line of tabs': middle('install x :', '\t', '\n'),
  'install lines of each other': (bytes) =>
    lines(bytes, (index) => `install m${index} modprobe m${index + 1}`),
  'globs of aliases': (bytes) => lines(bytes, (index) => `alias a*${index}* m\nblacklist a${index}`),
  'names of one soft dependency': middle('softdep x pre: ', 'a '),
  'options of one module': (bytes) => lines(bytes, (index) => `options hello p${index}=1`),
  'many options in a line': middle('options hello ', 'count=1 ', '\n'),
};
