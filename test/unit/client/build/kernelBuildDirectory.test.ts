import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findKernelBuildDirectory } from '../../../../client/build/kernelBuildDirectory';

let modules: string;
beforeEach(() => {
  modules = mkdtempSync(join(tmpdir(), 'kmod-headers-'));
});
afterEach(() => rmSync(modules, { recursive: true }));

function install(name: string): string {
  const directory = join(modules, name, 'build');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'Makefile'), '');
  return directory;
}

describe('the kernel build directory', () => {
  it('is the one of the target’s release where it is installed', async () => {
    install(release());
    const directory = install('6.1.0-target');
    expect(await findKernelBuildDirectory({ targetRelease: '6.1.0-target' }, modules)).toBe(directory);
  });

  it('is the running kernel’s otherwise', async () => {
    const directory = install(release());
    expect(await findKernelBuildDirectory({ targetRelease: '5.10-board' }, modules)).toBe(directory);
    expect(await findKernelBuildDirectory({}, modules)).toBe(directory);
  });

  it('is what is configured before all others', async () => {
    install(release());
    const directory = install('mine');
    expect(await findKernelBuildDirectory({ configured: directory, targetRelease: release() }, modules)).toBe(
      directory,
    );
  });

  it('that is configured and none is an error, never another one', async () => {
    install(release());
    await expect(findKernelBuildDirectory({ configured: '/nowhere' }, modules)).rejects.toThrow(
      'Correct the setting kmod.build.kernelDirectory',
    );
  });

  it('that is not installed is told with the package', async () => {
    await expect(findKernelBuildDirectory({ targetRelease: '6.1.0-56-amd64' }, modules)).rejects.toThrow(
      'sudo apt install linux-headers-6.1.0-56-amd64',
    );
  });
});
