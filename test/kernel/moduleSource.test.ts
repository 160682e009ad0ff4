import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { DiagnosticSeverity } from 'vscode-languageserver-types';
import { loadModule } from '../../client/kernel/loadModule';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { GPL_COMPATIBLE_LICENSES, PARAMETER_TYPES } from '../../kmod/source/vocabulary';
import { SourceDiagnostics } from '../../server/language/c/diagnostics';
import { SourceScans } from '../../server/language/c/scans';
import { SourcesOnDisk } from '../../server/sources/moduleSources';
import { never, useDirectory, useScratch } from './scratch';

const directory = useDirectory();
const HEAD = '#include <linux/module.h>\n';
const STATEMENTS = 'MODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("d");\n';

interface Finding {
  readonly code: string;
  readonly isError: boolean;
}

/** What the language server says of a file. */
async function findingsIn(path: string, text: string): Promise<Finding[]> {
  const sources = new SourcesOnDisk({ open: () => [], folders: () => Promise.resolve([]) });
  const document = TextDocument.create(pathToFileURL(path).href, 'c', 1, text);
  await sources.get(document.uri, never);
  return new SourceDiagnostics(new SourceScans(), sources)
    .of(document)
    .map(({ code, severity }) => ({ code: String(code), isError: severity === DiagnosticSeverity.Error }));
}

interface Built {
  readonly output: string;
  /** Of the language server, by module. */
  readonly findings: Readonly<Record<string, readonly Finding[]>>;
  readonly compiled: (module: string) => boolean;
  readonly file: (module: string) => string;
}

/** Modules of a file each, built in one go as far as they can be built. */
async function build(name: string, modules: Readonly<Record<string, string>>): Promise<Built> {
  const path = join(directory, name);
  mkdirSync(path);
  const kbuild = `obj-m := ${Object.keys(modules)
    .map((module) => `${module}.o`)
    .join(' ')}\n`;
  writeFileSync(join(path, 'Kbuild'), kbuild);
  const findings: Record<string, readonly Finding[]> = {};
  for (const [module, body] of Object.entries(modules)) {
    const file = join(path, `${module}.c`);
    const text = `${HEAD}${body}\n`;
    writeFileSync(file, text);
    findings[module] = await findingsIn(file, text);
  }
  const { modulesDirectory } = await findKernel();
  const { stdout, stderr } = spawnSync(
    'make',
    ['-k', '-C', join(modulesDirectory, 'build'), `M=${path}`, 'modules'],
    { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } },
  );
  return {
    output: stdout + stderr,
    findings,
    compiled: (module) => existsSync(join(path, `${module}.o`)),
    file: (module) => join(path, `${module}.ko`),
  };
}

const hasError = (findings: readonly Finding[] | undefined): boolean =>
  findings?.some(({ isError }) => isError) ?? false;

describe('a parameter that is called wrong does not compile, and no other is', () => {
  const PERMISSIONS = [
    ...['0', '0444', '0644', '0600', '0200', '0755', '0660', '0x1a4', '420', '444', 'S_IRUGO | S_IWUSR'],
    ...['0666', '0646', '0004', '0040', '0020', '0422', '01000', '644', '-1', 'S_IWUGO', 'S_IRWXUGO'],
  ];
  const C_TYPES: Readonly<Record<string, string>> = {
    byte: 'unsigned char',
    ushort: 'unsigned short',
    uint: 'unsigned int',
    hexint: 'unsigned int',
    ulong: 'unsigned long',
    ullong: 'unsigned long long',
    charp: 'char *',
    invbool: 'bool',
    bool_enable_only: 'bool',
    bint: 'int',
  };
  const TYPES = [
    ...PARAMETER_TYPES.map(({ name }) => name),
    ...['u8', 'u32', 'unsigned int', 'float', 'size_t', 'string', 'char *'],
  ];
  const parameters: Record<string, { readonly what: string; readonly text: string }> = {};
  PERMISSIONS.forEach((permissions, index) => {
    parameters[`p${index}`] = {
      what: `permissions ${permissions}`,
      text: `static int v;\nmodule_param(v, int, ${permissions});\nMODULE_PARM_DESC(v, "v");`,
    };
  });
  TYPES.forEach((type, index) => {
    parameters[`t${index}`] = {
      what: `type ${type}`,
      text: `static ${C_TYPES[type] ?? type} v;\nmodule_param(v, ${type}, 0);\nMODULE_PARM_DESC(v, "v");`,
    };
  });
  let built: Built;
  beforeAll(async () => {
    const modules = Object.entries(parameters).map(([name, { text }]) => [name, STATEMENTS + text] as const);
    built = await build('parameters', Object.fromEntries(modules));
  });

  it.each(Object.entries(parameters).map(([name, { what }]) => [what, name]))('%s', (_what, name) => {
    expect(built.compiled(name)).toBe(!hasError(built.findings[name]));
  });
});

describe('what modpost says of a module', () => {
  it('is an error for a missing licence, and nothing for one that taints', async () => {
    const { output, findings, file } = await build('licenses', {
      silent: 'MODULE_DESCRIPTION("d");',
      other: 'MODULE_DESCRIPTION("d");\nMODULE_LICENSE("GPLv2");',
      plain: 'MODULE_LICENSE("GPL");',
    });
    expect(output).toMatch(/ERROR: modpost: missing MODULE_LICENSE\(\) in \S+\/silent\.o/);
    expect(findings['silent']).toEqual([{ code: 'missing-license', isError: true }]);
    expect(output).not.toMatch(/modpost: .*(other|plain)\.o/);
    expect(findings['other']).toEqual([{ code: 'unknown-license', isError: false }]);
    // This kernel's modpost asks for no description yet.
    expect(findings['plain']).toEqual([{ code: 'missing-description', isError: false }]);
    // One module without a licence, and none of the build is finished.
    expect(existsSync(file('plain'))).toBe(false);
  });
});

/** Drivers as they are written: nothing is to be said of them. */
const DRIVERS: Readonly<Record<string, string>> = {
  members: `
static struct { int level; char *names[4]; } state;
static unsigned int count;
module_param_named(debug, state.level, int, S_IRUGO | S_IWUSR);
MODULE_PARM_DESC(debug, "Debug level "
		 "(0: none)");
module_param_array_named(names, state.names, charp, &count, 0444);
MODULE_PARM_DESC(names, "Names, of " __stringify(KBUILD_MODNAME));`,
  generated: `
#define SWITCH(name, text)			\\
	static bool name##_on = true;		\\
	module_param(name##_on, bool, 0644);	\\
	MODULE_PARM_DESC(name##_on, text)

SWITCH(rx, "Receive");
SWITCH(tx, "Send");`,
  own_type: `
static int set(const char *val, const struct kernel_param *kp) { return param_set_int(val, kp); }
static const struct kernel_param_ops param_ops_level = { .set = set, .get = param_get_int };
#define param_check_level(name, p) param_check_int(name, p)
static int level;
module_param(level, level, 0600);
MODULE_PARM_DESC(level, "Level");
static int other;
module_param_cb(other, &param_ops_level, &other, 0);
MODULE_PARM_DESC(other, "Other");`,
  conditional: `
static int a;
#ifdef CONFIG_64BIT
module_param(a, int, 0);
#endif
#ifndef CONFIG_NO_DESCRIPTIONS
MODULE_PARM_DESC(a, "A");
#endif
static char text[16];
module_param_string(text, text, sizeof(text), 0);
MODULE_PARM_DESC(text, "Text, with \\"quotes\\", (brackets) and /* no comment */");
MODULE_SOFTDEP("pre: crc32c post: ext4");
MODULE_ALIAS("platform:a-b");
MODULE_ALIAS("char-major-" __stringify(10) "-*");`,
};

describe('of drivers that the kernel takes', () => {
  it('nothing is said', async () => {
    const modules = Object.entries(DRIVERS).map(([name, text]) => [name, STATEMENTS + text] as const);
    const { output, findings, file } = await build('drivers', Object.fromEntries(modules));
    for (const name of Object.keys(DRIVERS)) {
      expect([name, existsSync(file(name)) ? '' : output]).toEqual([name, '']);
      expect([name, findings[name]]).toEqual([name, []]);
    }
  });

  it('nothing is said, where several files share the statements of one', async () => {
    const path = join(directory, 'shared');
    mkdirSync(join(path, 'src'), { recursive: true });
    const files = {
      Makefile:
        'ifneq ($(KERNELRELEASE),)\nobj-m := shared.o\nshared-y := src/main.o \\\n\tsrc/io.o\nccflags-y := -I$(src)\nelse\nall:\n\techo\nendif\n',
      'shared.h': 'extern int level;\n#define LEVEL_TEXT "Level"\n',
      'src/main.c': `${HEAD}#include "shared.h"\nMODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("d");\nMODULE_PARM_DESC(level, LEVEL_TEXT);\n`,
      'src/io.c': `${HEAD}#include "shared.h"\nint level;\nmodule_param(level, int, 0444);\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    const { modulesDirectory } = await findKernel();
    execFileSync('make', ['-C', join(modulesDirectory, 'build'), `M=${path}`, 'modules'], { stdio: 'pipe' });

    expect(existsSync(join(path, 'shared.ko'))).toBe(true);
    for (const name of ['src/main.c', 'src/io.c'] as const) {
      expect(await findingsIn(join(path, name), files[name])).toEqual([]);
    }
  });
});

describe('what kmod makes of aliases and soft dependencies', () => {
  let built: Built;
  const sysroot = join(directory, 'sysroot');
  const modulesOfSysroot = join(sysroot, 'lib/modules/6.1.0');
  let told: string;
  beforeAll(async () => {
    built = await build('kmod', {
      brackets: `${STATEMENTS}MODULE_ALIAS("open[one");`,
      softdeps: `${STATEMENTS}MODULE_SOFTDEP("first pre: second, third post : fourth");`,
      twice: `${STATEMENTS}MODULE_SOFTDEP("pre: first");\nMODULE_SOFTDEP("pre: second");`,
      first: STATEMENTS,
      second: STATEMENTS,
      third: STATEMENTS,
      fourth: STATEMENTS,
    });
    mkdirSync(modulesOfSysroot, { recursive: true });
    for (const name of ['brackets', 'softdeps', 'twice', 'first', 'second', 'third', 'fourth'])
      copyFileSync(built.file(name), join(modulesOfSysroot, `${name}.ko`));
    told = spawnSync('depmod', ['-b', sysroot, '6.1.0'], { encoding: 'utf8' }).stderr;
  });

  const loads = (name: string): string[] =>
    execFileSync('modprobe', ['-d', sysroot, '-S', '6.1.0', '-C', '/dev/null', '--show-depends', name], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
      .map((line) => /(\w+)\.ko/.exec(line)?.[1] ?? '');

  it('module-alias: depmod warns of a bracket', () => {
    expect(built.findings['brackets']).toEqual([{ code: 'module-alias', isError: false }]);
    expect(told).toContain('Unmatched bracket in open[one');
  });

  it('module-softdep: modprobe leaves such words out', () => {
    expect(built.findings['softdeps']?.map(({ code }) => code)).toEqual(Array(3).fill('module-softdep'));
    // post's list is not one: its word stands in front of the module.
    expect(loads('softdeps')).toEqual(['third', 'fourth', 'softdeps']);
  });

  it('repeated-softdep: modprobe uses one of them', () => {
    expect(built.findings['twice']?.map(({ code }) => code)).toEqual([
      'repeated-softdep',
      'repeated-softdep',
    ]);
    expect(loads('twice')).toHaveLength(2);
  });
});

describe('what descriptions become', () => {
  it('description-without-parameter: modinfo shows a parameter without a type', async () => {
    const { file, findings } = await build('descriptions', {
      wrong: `${STATEMENTS}static int my_debug;\nmodule_param_named(debug, my_debug, int, 0);\nMODULE_PARM_DESC(my_debug, "d");`,
    });
    expect(findings['wrong']?.map(({ code }) => code)).toEqual([
      'parameter-without-description',
      'description-without-parameter',
    ]);
    const shown = execFileSync('modinfo', ['-p', file('wrong')], { encoding: 'utf8' });
    expect(shown.trim().split('\n').sort()).toEqual(['debug: (int)', 'my_debug:d']);
  });
});

describe('in a kernel', () => {
  const scratch = useScratch();

  it('licences that it does not know taint it, and all others do not', async () => {
    const names = [...GPL_COMPATIBLE_LICENSES.map(({ name }) => name), 'GPLv2', 'Proprietary'];
    const modules = names.map((license, index) => [
      `license${index}`,
      `MODULE_LICENSE("${license}");\nMODULE_DESCRIPTION("d");\nstatic int __init start(void) { return 0; }\nmodule_init(start);`,
    ]);
    const { file } = await build('taints', Object.fromEntries(modules) as Record<string, string>);
    const tainted: string[] = [];
    for (const [index, name] of names.entries()) {
      const module = `license${index}`;
      const parts = { target: scratch.target, facts: scratch.facts, file: file(module), parameters: [] };
      await loadModule(parts, never);
      if ((await scratch.shell(`cat /sys/module/${module}/taint`)).includes('P')) tainted.push(name);
    }
    expect(tainted).toEqual(['GPLv2', 'Proprietary']);
  });
});
