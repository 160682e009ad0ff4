import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BuildError } from '../../client/build/buildError';
import type { BuildProblem } from '../../client/build/buildOutput';
import { builtModules } from '../../client/build/kbuildProject';
import type { BuildRequest } from '../../client/build/makeCommand';
import { runBuild } from '../../client/build/runBuild';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { buildSample, never, useDirectory } from './scratch';

const directory = useDirectory();
const HEAD = '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n';

/** Files of a module in a directory of its own. */
function project(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(directory, name);
  for (const [file, text] of Object.entries({ Kbuild: 'obj-m := x.o\n', ...files })) {
    mkdirSync(join(path, file, '..'), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return path;
}

const lines: string[] = [];

async function make(path: string, more: Partial<BuildRequest> = {}): Promise<BuildProblem[]> {
  const { modulesDirectory } = await findKernel();
  lines.length = 0;
  return runBuild(
    { directory: path, kernelDirectory: join(modulesDirectory, 'build'), target: 'modules', ...more },
    { signal: never, onLine: (line) => lines.push(line) },
  );
}

async function problemsOf(path: string, more: Partial<BuildRequest> = {}): Promise<readonly BuildProblem[]> {
  const error: unknown = await make(path, more).then(
    () => new Error('the build did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BuildError);
  return (error as BuildError).problems;
}

describe('a build', () => {
  it('makes the modules of a sample, and cleans up after it', async () => {
    const built = await buildSample('chain', directory);
    expect(Object.keys(built)).toEqual(['chain_base', 'chain_top']);

    await make(join(directory, 'chain'), { target: 'clean' });

    expect(await builtModules(join(directory, 'chain'))).toEqual([]);
  });

  it('makes modules of several objects and of directories below', async () => {
    const path = project('composite', {
      Kbuild: 'obj-m := both.o sub/\nboth-y := one.o two.o\n',
      'one.c': `${HEAD}int two(void);\nstatic int __init start(void) { return two(); }\nmodule_init(start);\n`,
      'two.c': 'int two(void);\nint two(void) { return 0; }\n',
      'sub/Kbuild': 'obj-m := below.o\n',
      'sub/below.c': HEAD,
    });

    await make(path);

    expect((await builtModules(path)).sort()).toEqual([join(path, 'both.ko'), join(path, 'sub/below.ko')]);
  });

  it('gives gcc’s errors and warnings with their places', async () => {
    const path = project('broken', {
      'x.c': `${HEAD}int f(void) { int unused; return nonsense; }\nint f(void);\n`,
    });

    const problems = await problemsOf(path, { variables: { KCFLAGS: '-Wall' } });

    const file = join(path, 'x.c');
    expect(problems).toContainEqual({
      severity: 'error',
      message: expect.stringMatching(/^.nonsense. undeclared/) as string,
      file,
      line: 3,
      column: 34,
    });
    expect(problems).toContainEqual(expect.objectContaining({ severity: 'warning', file, line: 3 }));
    expect(lines.some((line) => line.startsWith(`${file}:3:34: error: `))).toBe(true);
  });

  it('finds a missing header (a fatal error), and says it in its message', async () => {
    const path = project('header', { 'x.c': '#include "absent.h"\n' });

    await expect(make(path)).rejects.toThrow(
      `make modules of ${path} failed: x.c:1: absent.h: No such file or directory`,
    );
  });

  it('finds an error in a header that is included', async () => {
    const path = project('inHeader', {
      'x.h': 'int f(void) { return nonsense; }\n',
      'x.c': `${HEAD}#include "x.h"\n`,
    });

    expect(await problemsOf(path)).toContainEqual(
      expect.objectContaining({ severity: 'error', file: join(path, 'x.h'), line: 1 }),
    );
  });

  it('shows modpost’s undefined symbol where the source uses it', async () => {
    const path = project('undefined', {
      'x.c': `${HEAD}extern int not_there(void);
/* not_there() is nowhere */
static int __init start(void)
{
\treturn not_there();
}
module_init(start);
`,
    });

    const problems = await problemsOf(path);

    const file = join(path, 'x.c');
    expect(problems).toContainEqual({
      severity: 'error',
      message: '"not_there" is undefined: no module or kernel exports it',
      file,
      line: 7,
      column: 9,
    });
    expect(lines).toContain(
      `${file}:7:9: error: "not_there" is undefined: no module or kernel exports it (modpost)`,
    );
  });

  it('shows a missing licence at the source of the module', async () => {
    const path = project('licence', {
      'x.c': '#include <linux/module.h>\nstatic int __init start(void) { return 0; }\nmodule_init(start);\n',
    });

    expect(await problemsOf(path)).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining('missing MODULE_LICENSE()') as string,
        file: join(path, 'x.c'),
      }),
    );
  });

  it('tells a tool chain that is not installed', async () => {
    const path = project('cross', { 'x.c': HEAD });

    const problems = await problemsOf(path, { crossCompile: 'no-such-tools-', arch: 'x86' });

    expect(problems.map(({ message }) => message).join('\n')).toContain('no-such-tools-gcc');
  });

  it('follows a build directory that is apart from the sources (O=)', async () => {
    const path = project('apart', { 'x.c': `${HEAD}int f(void) { return nonsense; }\n` });
    const { modulesDirectory } = await findKernel();
    // Debian's headers are such a pair; elsewhere both are one.
    const source = join(modulesDirectory, 'source');
    const output = join(modulesDirectory, 'build');
    const kernelDirectory = existsSync(source) ? source : output;

    const problems = await problemsOf(path, { kernelDirectory, variables: { O: realpathSync(output) } });

    expect(problems).toContainEqual(expect.objectContaining({ file: join(path, 'x.c'), line: 3 }));
  });

  it.each([
    ['a space', 'with space'],
    ['"$"', '$(touch executed)'],
    ['":"', 'a:b'],
    ['white space', 'line\nend'],
  ])('refuses a path with %s before it runs make', async (what, name) => {
    const path = project(name, { 'x.c': HEAD });

    await expect(make(path)).rejects.toThrow(`The directory of the module has ${what} in its path`);

    expect(existsSync(join(path, 'x.ko'))).toBe(false);
    expect(lines).toEqual([]);
  });

  it('says that a directory has nothing to build', async () => {
    const path = project('empty', { Kbuild: '# nothing\n' });

    await expect(make(path)).rejects.toThrow('there is no module to build');
  });

  it('ends with all that it started when it is cancelled', async () => {
    const path = project('endless', {
      Kbuild: `obj-m := x.o\n$(shell sleep 300 & echo $$! > ${join(directory, 'pid')}; echo started >&2; wait)\n`,
      'x.c': HEAD,
    });
    const controller = new AbortController();
    const { modulesDirectory } = await findKernel();
    const reason = new Error('cancelled by the test');

    const building = runBuild(
      { directory: path, kernelDirectory: join(modulesDirectory, 'build'), target: 'modules' },
      {
        signal: controller.signal,
        onLine: (line) => {
          if (line === 'started') {
            controller.abort(reason);
          }
        },
      },
    );

    await expect(building).rejects.toBe(reason);
    const pid = execFileSync('cat', [join(directory, 'pid')], { encoding: 'utf8' }).trim();
    await expect.poll(() => existsSync(`/proc/${pid}/exe`)).toBe(false);
  });
});
