import { describe, expect, it } from 'vitest';
import { readTargets } from '../../../../client/targets/definition';

const only = (entry: unknown): unknown => readTargets([entry]).definitions[0];
const problem = (...entries: unknown[]): string | undefined => readTargets(entries).problems[0];

describe('the setting kmod.targets', () => {
  it('tells targets over SSH', () => {
    expect(only({ name: ' board ', host: 'b.local', port: 2222, user: '', ephemeralHostKey: false })).toEqual(
      {
        kind: 'ssh',
        name: 'board',
        host: 'b.local',
        port: 2222,
      },
    );
  });

  it('tells scratch kernels', () => {
    const entry = {
      kind: 'scratch',
      name: 'arm',
      architecture: 'arm64',
      kernelImage: '~/linux/arch/arm64/boot/Image',
      cpus: 4,
      qemuArguments: ['-device', 'usb-ehci'],
      build: { crossCompile: 'aarch64-none-linux-gnu-' },
    };
    expect(only(entry)).toEqual(entry);
  });

  it('may describe the scratch kernel that is always there, and nothing else of its name', () => {
    expect(only({ kind: 'scratch', name: 'scratch', cpus: 2 })).toEqual({
      kind: 'scratch',
      name: 'scratch',
      cpus: 2,
    });
    expect(problem({ name: 'scratch', host: 'b' })).toBe(
      'kmod.targets, entry 1: the name scratch is taken by the scratch kernel',
    );
  });

  it.each([
    [{}, 'a target needs a name'],
    [5, 'a target needs a name'],
    [{ name: 'a' }, 'a target needs a name and a host'],
    [{ name: 'a', host: 5 }, 'host is no text'],
    [{ name: 'a', host: 'b', port: 0 }, 'port is not a number from 1 to 65535'],
    [{ name: 'a', host: 'b', ephemeralHostKey: 'yes' }, 'ephemeralHostKey is neither true nor false'],
    [{ name: 'a', host: 'b', identityFile: 'keys/id' }, 'identityFile is no absolute path'],
    [{ name: 'a', host: 'b\n' }, 'host has a control character in it'],
    [{ name: 'a', kind: 'scratch', kernelImage: 'bzImage' }, 'kernelImage is no absolute path'],
    [
      { name: 'a', kind: 'scratch', build: { kernelDirectory: '../linux' } },
      'kernelDirectory is no absolute path',
    ],
    [{ name: 'a', kind: 'usb' }, 'kind is none of ssh, scratch'],
    [{ name: 'a', kind: 'scratch', architecture: 'vax' }, 'architecture is none of x86-64, arm64'],
    [{ name: 'a', kind: 'scratch', cpus: 1.5 }, 'cpus is not a number from 1 to 255'],
    [{ name: 'a', kind: 'scratch', qemuArguments: '-s' }, 'qemuArguments is not a list of texts'],
    [{ name: 'a', kind: 'scratch', qemuArguments: ['-m', 5] }, 'qemuArguments is not a list of texts'],
    [{ name: 'a', kind: 'scratch', build: 'arm64' }, 'build is not an object'],
    [{ name: 'a', kind: 'scratch', build: { arch: 64 } }, 'arch is no text'],
  ])('tells what can not be meant: %j', (entry, text) => {
    expect(problem(entry)).toContain(`kmod.targets, entry 1: ${text}`);
  });

  it('has each name once', () => {
    expect(problem({ name: 'a', host: 'b' }, { name: 'a', host: 'c' })).toBe(
      'kmod.targets, entry 2: the name a is taken by another target',
    );
  });

  it('is a list', () => {
    expect(readTargets({}).problems).toEqual(['kmod.targets is not a list']);
  });
});
