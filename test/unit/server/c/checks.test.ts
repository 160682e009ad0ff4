import { describe, expect, it } from 'vitest';
import { scanModuleSource } from '../../../../kmod/source/moduleSource';
import { sourceFindings, sourceMessages, URI } from './harness';

const LICENSE = 'MODULE_LICENSE("GPL");\n';
const STATEMENTS = `${LICENSE}MODULE_DESCRIPTION("d");\n`;

const findings = (text: string, others: Record<string, string> = {}) =>
  sourceFindings(STATEMENTS + text, { others });
const messages = (text: string) => sourceMessages(STATEMENTS + text);

describe('licences', () => {
  it.each([
    'GPL',
    'GPL v2',
    'GPL and additional rights',
    'Dual BSD/GPL',
    'Dual MIT/GPL',
    'Dual MPL/GPL',
    'Proprietary',
  ])('finds nothing wrong with %j', async (license) => {
    expect(await sourceFindings(`MODULE_DESCRIPTION("d");\nMODULE_LICENSE("${license}");`)).toEqual([]);
  });

  it('unknown-license: one that taints, with the one that was meant', async () => {
    expect(await sourceFindings('MODULE_DESCRIPTION("d");\nMODULE_LICENSE("GPLv2");')).toEqual([
      ['unknown-license', '"GPLv2"'],
    ]);
    expect(await sourceMessages('MODULE_DESCRIPTION("d");\nMODULE_LICENSE("GPLv2");')).toEqual([
      "the kernel does not know the license 'GPLv2' (did you mean 'GPL v2'?): loading the module taints the kernel (P), and GPL-only symbols are refused to it",
    ]);
  });

  it('unknown-license: the case of letters counts', async () => {
    expect(await sourceMessages('MODULE_DESCRIPTION("d");\nMODULE_LICENSE("dual mit/gpl");')).toEqual([
      expect.stringContaining("did you mean 'Dual MIT/GPL'?"),
    ]);
  });

  it('takes what a macro says for good', async () => {
    expect(await sourceFindings('MODULE_DESCRIPTION(DRV_DESC);\nMODULE_LICENSE(DRV_LICENSE);')).toEqual([]);
  });
});

describe('statements of a module', () => {
  it('missing-license and missing-description: told where the module starts', async () => {
    expect(await sourceFindings('int x;\nmodule_init(f);\n')).toEqual([
      ['missing-license', 'module_init(f)'],
      ['missing-description', 'module_init(f)'],
    ]);
    expect(await sourceFindings('int x;\nmodule_pci_driver(d);\n')).toEqual([
      ['missing-license', 'module_pci_driver(d)'],
      ['missing-description', 'module_pci_driver(d)'],
    ]);
    expect(await sourceFindings('int x;\n')).toEqual([
      ['missing-license', 'int x;'],
      ['missing-description', 'int x;'],
    ]);
  });

  it('count in any file of the module, below an #ifdef, and as MODULE_INFO', async () => {
    const others = { 'main.c': `#ifdef MODULE\n${LICENSE}#endif\nMODULE_INFO(description, "d");` };
    expect(await sourceFindings('module_init(f);', { others })).toEqual([]);
  });

  it('do not count where they are cut out', async () => {
    expect(await findings('')).toEqual([]);
    expect(await sourceFindings(`#if 0\n${STATEMENTS}#endif\n`)).toHaveLength(2);
  });

  it('are told in one file only', async () => {
    expect(await sourceFindings('int x;', { others: { 'main.c': 'module_init(f);' } })).toEqual([]);
  });

  it('are not asked of code that may be a part of the kernel, nor where files are missing', async () => {
    expect(await sourceFindings('module_init(f);', { conditional: true })).toEqual([]);
    expect(await sourceFindings('MODULE_AUTHOR("a");', { conditional: true })).toHaveLength(2);
    expect(await sourceFindings('module_init(f);', { complete: false })).toEqual([]);
  });
});

describe('parameters and their descriptions', () => {
  it('description-without-parameter: with the parameter of that variable', async () => {
    const text =
      'module_param_named(debug, my_debug, int, 0);\nMODULE_PARM_DESC(debug, "x");\nMODULE_PARM_DESC(my_debug, "d");\n';
    expect(await findings(text)).toEqual([['description-without-parameter', 'my_debug']]);
    expect(await messages(text)).toEqual([
      "the module has no parameter 'my_debug' (did you mean 'debug'?): modinfo would show one that can not be set",
    ]);
  });

  it('parameter-without-description', async () => {
    expect(await findings('module_param(count, int, 0);')).toEqual([
      ['parameter-without-description', 'count'],
    ]);
  });

  it('meet across the files of a module', async () => {
    expect(
      await findings('module_param(count, int, 0);', { 'b.c': 'MODULE_PARM_DESC(count, "c");' }),
    ).toEqual([]);
    expect(
      await findings('MODULE_PARM_DESC(count, "c");', { 'b.h': 'module_param(count, int, 0);' }),
    ).toEqual([]);
  });

  it('may be below an #ifdef, or cut out', async () => {
    expect(
      await findings('#ifdef DEBUG\nmodule_param(a, int, 0);\n#endif\nMODULE_PARM_DESC(a, "");'),
    ).toEqual([]);
    expect(await findings('#if 0\nMODULE_PARM_DESC(a, "");\nmodule_param(b, int, 0);\n#endif\n')).toEqual([]);
  });

  it('may be made by macros, of which nothing is said', async () => {
    const made = '#define P(n) module_param(n##_on, bool, 0); MODULE_PARM_DESC(n##_on, "")\nP(a);\n';
    expect(await findings(`${made}MODULE_PARM_DESC(a_on, "");`)).toEqual([]);
    expect(await findings(`${made}module_param(b, int, 0);`)).toEqual([]);
    expect(await findings('torture_param(int, nreaders, 1, "n");\nMODULE_PARM_DESC(nreaders, "");')).toEqual(
      [],
    );
  });

  it('are not judged where files of the module are missing, or it is not known', async () => {
    const text = 'module_param(a, int, 0);\nMODULE_PARM_DESC(b, "");';
    expect(await sourceFindings(text, { complete: false })).toEqual([]);
    expect(await sourceFindings(text, { modules: [] })).toEqual([]);
  });
});

describe('types and permissions of parameters', () => {
  const parameter = (type: string, permissions: string, more = '') =>
    findings(`${more}module_param(a, ${type}, ${permissions});\nMODULE_PARM_DESC(a, "");`);

  it('unknown-parameter-type: with the one that was meant', async () => {
    expect(await parameter('u32', '0')).toEqual([['unknown-parameter-type', 'u32']]);
    expect(await messages('module_param(a, unsigned int, 0);MODULE_PARM_DESC(a, "");')).toEqual([
      expect.stringContaining("'unsigned int' is no type of parameter (did you mean 'uint'?)"),
    ]);
  });

  it('takes the types of the module itself', async () => {
    expect(await parameter('level', '0', 'static const struct kernel_param_ops param_ops_level;\n')).toEqual(
      [],
    );
    expect(await parameter('flag_t', '0', '#define flag_t bool\n')).toEqual([]);
  });

  it('refused-permissions: with the reason', async () => {
    expect(await parameter('int', '0666')).toEqual([['refused-permissions', '0666']]);
    expect(await parameter('int', '644')).toEqual([['refused-permissions', '644']]);
    expect(await parameter('int', 'S_IRUGO + S_IWUGO')).toEqual([
      ['refused-permissions', 'S_IRUGO + S_IWUGO'],
    ]);
  });

  it('decimal-permissions: they compile, and mean something else', async () => {
    expect(await parameter('int', '444')).toEqual([['decimal-permissions', '444']]);
    expect(await messages('module_param(a, int, 444);MODULE_PARM_DESC(a, "");')).toEqual([
      '444 is decimal and means 0674 (rw-rwxr--): write permissions in octal, with a 0 in front',
    ]);
  });
});

describe('aliases and soft dependencies', () => {
  it('module-alias: blanks, brackets, nothing at all', async () => {
    expect(await findings('MODULE_ALIAS("pci:v*[0-9]");MODULE_ALIAS("fs-" NAME);')).toEqual([]);
    expect(
      await findings('MODULE_ALIAS("a b");MODULE_ALIAS("a[b");MODULE_ALIAS("a]");MODULE_ALIAS("");'),
    ).toEqual([
      ['module-alias', '"a b"'],
      ['module-alias', '"a[b"'],
      ['module-alias', '"a]"'],
      ['module-alias', '""'],
    ]);
  });

  it('module-softdep: words that are no module of a list', async () => {
    expect(await findings('MODULE_SOFTDEP("pre: a-b crypto-crc32c platform:x post: c");')).toEqual([]);
    expect(await findings('MODULE_SOFTDEP("a pre: b, c post : d");')).toEqual([
      ['module-softdep', 'a'],
      ['module-softdep', 'b,'],
      ['module-softdep', 'post'],
    ]);
    expect(await findings('MODULE_SOFTDEP(" pre: a");')).toEqual([
      ['module-softdep', 'pre:'],
      ['module-softdep', 'a'],
    ]);
  });

  it('repeated-softdep: only one is used', async () => {
    expect(await findings('MODULE_SOFTDEP("pre: a");', { 'b.c': 'MODULE_SOFTDEP("pre: b");' })).toEqual([
      ['repeated-softdep', 'MODULE_SOFTDEP'],
    ]);
    const either = '#ifdef A\nMODULE_SOFTDEP("pre: a");\n#else\nMODULE_SOFTDEP("pre: b");\n#endif\n';
    expect(await findings(either)).toEqual([]);
  });
});

it('says nothing of a file in a directory where no module is built', async () => {
  expect(await sourceFindings('module_param(a, u32, 0666);', { modules: undefined })).toEqual([]);
});

it('checks the text as it is, not as it was when the module was read', async () => {
  const stale = { uri: URI, scan: scanModuleSource('') };
  const modules = [{ name: 'x', files: [stale], complete: true, conditional: false }];
  expect(await sourceFindings(STATEMENTS, { modules })).toEqual([]);
});
