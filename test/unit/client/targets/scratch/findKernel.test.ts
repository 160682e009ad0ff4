import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findKernel, type KernelPlaces } from '../../../../../client/targets/scratch/findKernel';

let root: string;
let places: KernelPlaces;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kmod-kernels-'));
  places = { boot: join(root, 'boot'), modules: join(root, 'modules') };
  mkdirSync(places.boot);
  mkdirSync(places.modules);
});
afterEach(() => rmSync(root, { recursive: true }));

function install(
  release: string,
  parts: readonly ('image' | 'modules' | 'headers')[] = ['image', 'modules'],
): void {
  const modules = join(places.modules, release);
  mkdirSync(join(modules, 'build'), { recursive: true });
  if (parts.includes('image')) {
    writeFileSync(join(places.boot, `vmlinuz-${release}`), '');
  }
  if (parts.includes('modules')) {
    writeFileSync(join(modules, 'modules.dep'), '');
  }
  if (parts.includes('headers')) {
    writeFileSync(join(modules, 'build/Makefile'), '');
  }
}

const best = async (release?: string): Promise<string> => (await findKernel(release, places)).release;

describe('the kernel to start', () => {
  it('is the newest', async () => {
    ['6.1.0-9-amd64', '6.1.0-10-amd64', '5.10.0-99-amd64'].forEach((release) => install(release));
    expect(await best()).toBe('6.1.0-10-amd64');
  });

  it('is a cloud kernel before a newer one', async () => {
    install('6.1.0-9-cloud-amd64');
    install('6.1.0-10-amd64');
    expect(await best()).toBe('6.1.0-9-cloud-amd64');
  });

  it('is one that modules can be built for before all others', async () => {
    install('6.1.0-9-amd64', ['image', 'modules', 'headers']);
    install('6.1.0-10-cloud-amd64');
    expect(await best()).toBe('6.1.0-9-amd64');
  });

  it('is never one without an image or without modules', async () => {
    install('6.9', ['modules']);
    install('6.8', ['image']);
    install('6.1');
    expect(await best()).toBe('6.1');
  });

  it('is the one that is asked for', async () => {
    install('6.1');
    install('6.2');
    expect(await best('6.1')).toBe('6.1');
    await expect(best('6.3')).rejects.toThrow(/the kernel 6\.3 is not installed.*Installed: 6\.2, 6\.1\./);
  });

  it('that is missing is told with the packages', async () => {
    await expect(best()).rejects.toThrow(
      'sudo apt install linux-image-cloud-amd64 linux-headers-cloud-amd64',
    );
    await expect(findKernel(undefined, { boot: '/nowhere', modules: '/nowhere' })).rejects.toThrow(
      'none is installed',
    );
  });
});
