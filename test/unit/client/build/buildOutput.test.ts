import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildOutput, type BuildLine } from '../../../../client/build/buildOutput';

let root: string;
let module: string;
let kernel: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kmod-output-'));
  module = join(root, 'module');
  kernel = join(root, 'kernel/out');
  write({
    'module/x.c': '',
    'module/sub/y.c': '',
    'module/x.h': '',
    'kernel/include/linux/a.h': '',
    'kernel/out/Makefile': '',
  });
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** What the last of these lines of output becomes. */
function last(lines: readonly string[], kbuild = 'obj-m := x.o\n'): BuildLine {
  const output = new BuildOutput({
    directory: module,
    kernelDirectory: kernel,
    kbuild: { path: join(module, 'Kbuild'), text: kbuild },
  });
  return lines.map((line) => output.line(line)).at(-1) ?? { text: '' };
}

describe('an error of a compiler', () => {
  it('of gcc has its place and its message', () => {
    const file = join(module, 'x.c');
    expect(last([`${file}:12:5: error: 'y' undeclared (first use in this function)`])).toEqual({
      text: `${file}:12:5: error: 'y' undeclared (first use in this function)`,
      problem: {
        severity: 'error',
        message: "'y' undeclared (first use in this function)",
        file,
        line: 12,
        column: 5,
      },
    });
  });

  it('of clang, a fatal one and a warning as well', () => {
    expect(last(["/m/x.c:1:10: fatal error: 'a.h' file not found"]).problem).toMatchObject({
      severity: 'error',
      line: 1,
    });
    expect(last(['/m/x.c:3:1: warning: unused [-Wunused]']).problem).toMatchObject({
      severity: 'warning',
      line: 3,
    });
    expect(last(['/m/x.S:7: Error: no such instruction']).problem).toBeUndefined();
    expect(last(['/m/x.c:7: warning: no column']).problem).toEqual({
      severity: 'warning',
      message: 'no column',
      file: '/m/x.c',
      line: 7,
    });
  });

  it('is not made of its notes, context and carets', () => {
    expect(last(['/m/x.c:12:5: note: declared here']).problem).toBeUndefined();
    expect(last(['/m/x.c: In function ‘start’:']).problem).toBeUndefined();
    expect(last(['   12 | error: x']).problem).toBeUndefined();
  });

  it('is found relative to the directory that make entered (Linux 6.13 and later build in M)', () => {
    const { text, problem } = last([
      `make: Entering directory '${kernel}'`,
      `make[1]: Entering directory '${module}'`,
      'sub/y.c:3:1: error: x',
    ]);
    expect(problem?.file).toBe(join(module, 'sub/y.c'));
    expect(text).toBe(`${join(module, 'sub/y.c')}:3:1: error: x`);
  });

  it('is found relative to the directory that make came back to', () => {
    const { problem } = last([
      `make: Entering directory '${kernel}'`,
      `make[1]: Entering directory '${module}'`,
      `make[1]: Leaving directory '${module}'`,
      '../include/linux/a.h:3:1: error: x',
    ]);
    expect(problem?.file).toBe(join(root, 'kernel/include/linux/a.h'));
  });

  it('is found where it is when make -j mixed the lines', () => {
    const { problem } = last([`make: Entering directory '${kernel}'`, 'x.c:3:1: error: x']);
    expect(problem?.file).toBe(join(module, 'x.c'));
  });
});

describe('a message of modpost', () => {
  const UNDEFINED = (path: string): string => `ERROR: modpost: "gone" [${path}.ko] undefined!`;

  it('about a symbol points to where the source uses it, not to a comment, a text or a declaration', () => {
    write({
      'module/x.c':
        'extern int gone(void);\n/* gone() */ // gone\nchar *s = "gone";\nint f(void) { return gone(); }\n',
    });
    const file = join(module, 'x.c');
    expect(last([UNDEFINED(join(module, 'x'))])).toEqual({
      text: `${file}:4:22: error: "gone" is undefined: no module or kernel exports it (modpost)`,
      problem: {
        severity: 'error',
        message: '"gone" is undefined: no module or kernel exports it',
        file,
        line: 4,
        column: 22,
      },
    });
  });

  it('is found in the objects of a composite module, and where modpost prints relative paths', () => {
    write({ 'module/one.c': 'int g(void);\n', 'module/two.c': 'int f(void) { return gone(); }\n' });
    const kbuild = 'obj-m := both.o\nboth-y := one.o two.o\n';
    expect(last([UNDEFINED('both')], kbuild).problem).toMatchObject({ file: join(module, 'two.c'), line: 1 });
    expect(last([UNDEFINED(join(module, 'both'))], kbuild).problem).toMatchObject({
      file: join(module, 'two.c'),
    });
  });

  it('points to the Kbuild file where there is no source', () => {
    expect(last([UNDEFINED('/elsewhere/z')]).problem).toMatchObject({
      file: join(module, 'Kbuild'),
      line: 1,
    });
  });

  it('that is a warning is one', () => {
    expect(last([`WARNING: modpost: missing MODULE_DESCRIPTION() in ${module}/x.o`])).toEqual({
      text: `${module}/x.c:1:1: warning: missing MODULE_DESCRIPTION() in ${module}/x.o (modpost)`,
      problem: {
        severity: 'warning',
        message: `missing MODULE_DESCRIPTION() in ${module}/x.o`,
        file: join(module, 'x.c'),
        line: 1,
        column: 1,
      },
    });
  });

  it('survives a symbol that is no word', () => {
    expect(last(['ERROR: modpost: "a(*[" [x.ko] undefined!']).problem?.severity).toBe('error');
  });
});

describe('an error of make', () => {
  it('that names no file is kept', () => {
    expect(last(["make: *** No rule to make target 'modules'.  Stop."]).problem).toEqual({
      severity: 'error',
      message: "No rule to make target 'modules'.  Stop.",
    });
    expect(last(['/bin/sh: 1: no-such-gcc: not found']).problem?.message).toBe('no-such-gcc: not found');
  });

  it('that only repeats another one is left aside', () => {
    expect(last(['make[2]: *** [scripts/Makefile.build:250: /m/x.o] Error 1']).problem).toBeUndefined();
  });
});
