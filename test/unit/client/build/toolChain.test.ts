import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseToolChain, isOwnMachine } from '../../../../client/build/toolChain';

let kernelDirectory: string;
let path: string;
beforeEach(() => {
  kernelDirectory = mkdtempSync(join(tmpdir(), 'kmod-tools-'));
  path = join(kernelDirectory, 'bin');
  mkdirSync(path);
});
afterEach(() => rmSync(kernelDirectory, { recursive: true }));

const configured = (arch: string): void =>
  writeFileSync(
    join(kernelDirectory, '.config'),
    `#\n# Automatically generated file; DO NOT EDIT.\n# Linux/${arch} 6.1.0 Kernel Configuration\n#\n`,
  );
/** An architecture that this machine is not. */
const [foreign, prefix] =
  machine() === 'aarch64' ? ['x86', 'x86_64-linux-gnu-'] : ['arm64', 'aarch64-linux-gnu-'];

const choose = (wanted: Partial<Parameters<typeof chooseToolChain>[0]> = {}, environment = {}) =>
  chooseToolChain({ kernelDirectory, ...wanted }, { PATH: path, ...environment });

describe('the tool chain of a build', () => {
  it('is this machine’s where nothing says otherwise', async () => {
    expect(await choose()).toEqual({ arch: undefined, crossCompile: undefined });
    configured(machine() === 'aarch64' ? 'arm64' : 'x86');
    expect(await choose()).toEqual({ arch: undefined, crossCompile: undefined });
  });

  it('is the distribution’s cross compiler for what the kernel is configured for', async () => {
    configured(foreign);
    writeFileSync(join(path, `${prefix}gcc`), '', { mode: 0o755 });

    expect(await choose()).toEqual({ arch: foreign, crossCompile: prefix });
  });

  it('is what a person has set, or has in the environment', async () => {
    configured(foreign);
    expect(await choose({ crossCompile: 'mine-' })).toEqual({ arch: foreign, crossCompile: 'mine-' });
    expect(await choose({ llvm: true })).toEqual({ arch: foreign, crossCompile: undefined });
    expect(await choose({}, { CROSS_COMPILE: 'mine-' })).toEqual({ arch: foreign, crossCompile: undefined });
    expect(await choose({ arch: 'um' })).toEqual({ arch: 'um', crossCompile: undefined });
  });

  it('that is missing is told with its package', async () => {
    configured(foreign);
    await expect(choose()).rejects.toThrow(
      `is configured for ${foreign}, and this machine is ${machine()}: a cross compiler is needed. ` +
        `Install one (sudo apt install gcc-${prefix.slice(0, -1)}), or set kmod.build.crossCompile`,
    );
    configured('sparc');
    await expect(choose()).rejects.toThrow('a cross compiler is needed. Set kmod.build.crossCompile');
  });
});

describe('a machine', () => {
  it('is of this kind, or not', () => {
    expect(isOwnMachine(machine())).toBe(true);
    expect(isOwnMachine('s390x')).toBe(machine() === 's390x');
  });
});
