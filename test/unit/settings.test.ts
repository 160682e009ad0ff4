import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKED_SETTINGS, settingProblem, settingText } from '../../engine/base/settingForms';
import { isKernelRelease } from '../../kmod/kernelRelease';
import { readSettings, settingProblems } from '../../server/settings';

/** What a setting may lead to in the hands of who wrote a workspace; 'harmless': to nothing, and why. */
const SETTINGS: Readonly<Record<string, 'files' | 'programs' | 'hosts' | { readonly harmless: string }>> = {
  'kmod.targets': 'hosts',
  'kmod.autoConnect': 'hosts',
  'kmod.refreshInterval': {
    harmless: 'a number of seconds, at least one; nothing is asked without a connection',
  },
  'kmod.kernelLog.reveal': { harmless: 'one of three words' },
  'kmod.load.stripDebugInformation': { harmless: 'yes or no' },
  'kmod.build.kernelDirectory': 'programs',
  'kmod.build.arch': 'programs',
  'kmod.build.crossCompile': 'programs',
  'kmod.build.llvm': 'programs',
  'kmod.build.variables': 'programs',
  'kmod.scratch.memory': 'programs',
  'kmod.scratch.kernelRelease': 'files',
  'kmod.sysroot': 'files',
  'kmod.kernelRelease': 'files',
  'kmod.diagnostics.severity': { harmless: 'words for codes; others are left out' },
  'kmod.kmodVersion': { harmless: 'a number' },
};

interface Manifest {
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> };
  };
}

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const declared = manifest.contributes.configuration.properties;
const leading = Object.keys(SETTINGS).filter((name) => typeof SETTINGS[name] === 'string');

describe('the settings', () => {
  it('are each judged: does it lead to a file, a program or a host?', () => {
    expect(Object.keys(SETTINGS).sort()).toEqual(Object.keys(declared).sort());
  });

  it('that lead somewhere are not taken from a workspace that is not trusted', () => {
    expect([...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort()).toEqual(
      leading.sort(),
    );
  });

  it('that a window or a machine has are not of a single folder', () => {
    expect(
      leading.filter((name) => !/^(window|machine-overridable)$/.test(declared[name]?.scope ?? '')),
    ).toEqual([]);
  });

  it('are read in two files, and these read what is declared', () => {
    const readers = ['client', 'server', 'engine'].flatMap((room) =>
      readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
        .map((path) => `${room}/${path}`)
        .filter((path) => path.endsWith('.ts') && read(path).includes('workspace.getConfiguration(')),
    );
    expect(readers.sort()).toEqual(['client/commands/settings.ts', 'server/server.ts']);

    const client = read('client/commands/settings.ts');
    const sections = { section: 'kmod', build: 'kmod.build', scratch: 'kmod.scratch' };
    const ofClient = [
      ...client.matchAll(/\b(section\(\)|build|scratch)\s*\.get(?:<[^(]*>)?\('([\w.]+)'/g),
    ].map(
      ([, object = '', name]) => `${sections[object.replace('()', '') as keyof typeof sections]}.${name}`,
    );
    const reads = [...client.matchAll(/\.get\b/g)].length;
    const server = read('server/settings.ts');
    const ofServer = [
      ...[...server.matchAll(/const \{ ([\w, ]+) \} = asObject\(section\)/g)].flatMap(([, names = '']) =>
        names.split(', '),
      ),
      ...[...server.matchAll(/asObject\(section\)\)?\['(\w+)'\](?:\)\['(\w+)'\])?/g)].map(([, ...names]) =>
        names.filter((name) => name !== undefined).join('.'),
      ),
    ].map((name) => `kmod.${name}`);

    // All but the one that goes over the checked ones by their names.
    expect(ofClient).toHaveLength(reads - 1);
    const used = new Set([...ofClient, ...ofServer, ...CHECKED_SETTINGS.map((name) => `kmod.${name}`)]);
    expect([...used].sort()).toEqual(Object.keys(declared).sort());
  });
});

const NO_RELEASES = [
  '../../proc/self/cwd/r',
  '..',
  '.',
  'a/b',
  '/',
  'a\\b',
  'a\0b',
  'a\nb',
  '\u202e6.1',
  'a b',
  '$(id)',
  'x'.repeat(65),
];

describe('a kernel release', () => {
  it.each(['6.1.0-28-cloud-amd64', '6.12.1-arch1-1', '5.15.0+', '6.1.0_1', '6.6.30~rc1', '..a'])(
    'may be %j',
    (text) => {
      expect(isKernelRelease(text)).toBe(true);
    },
  );

  it.each(['', ...NO_RELEASES])('is never %j', (text) => {
    expect(isKernelRelease(text)).toBe(false);
  });

  it.each(NO_RELEASES)('of the settings is not taken as %j, and the setting is named', (kernelRelease) => {
    expect(readSettings({ kernelRelease })).toEqual({ sysroot: '', release: '' });
    expect(settingProblems({ kernelRelease })).toEqual([
      expect.stringMatching(/^The setting kmod\.kernelRelease is not used: /),
    ]);
    expect(settingText('scratch.kernelRelease', kernelRelease)).toBeUndefined();
  });
});

describe('a path of the settings', () => {
  it.each(['root', './root', '../root', '~/root', '/a\0b', '/a\nb'])('is not %j', (sysroot) => {
    expect(readSettings({ sysroot })).toEqual({ sysroot: '', release: '' });
    expect(settingProblem('sysroot', sysroot)).toContain('kmod.sysroot');
    expect(settingText('build.kernelDirectory', sysroot)).toBeUndefined();
  });

  it('is absolute, or left out', () => {
    expect(readSettings({ sysroot: ' /srv/root ' })).toEqual({ sysroot: '/srv/root', release: '' });
    expect([undefined, '', ' ', 5, {}].map((value) => settingProblem('sysroot', value))).toEqual(
      Array(5).fill(undefined),
    );
  });
});
