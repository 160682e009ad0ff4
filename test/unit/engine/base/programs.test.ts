import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  findProgram,
  programCandidates,
  programDirectories,
  programPath,
  safeEnvironment,
} from '../../../../engine/base/programs';
import { runProgram, runProgramSync, startProgram } from '../../../../engine/base/startProgram';

let workspace: string;
let home: string;
beforeEach(() => {
  home = process.cwd();
  workspace = mkdtempSync(join(tmpdir(), 'kmod-programs-'));
  process.chdir(workspace);
});
afterEach(() => {
  process.chdir(home);
  vi.unstubAllEnvs();
  rmSync(workspace, { recursive: true });
});

/** A program of the workspace that leaves a mark. */
function trap(name: string): string {
  const file = join(workspace, name);
  writeFileSync(file, `#!/bin/sh\ntouch '${workspace}/ran'\necho trapped\n`, { mode: 0o755 });
  return file;
}
const ran = (): boolean => existsSync(join(workspace, 'ran'));

/** What a PATH may be that leads to the working directory. */
const LEADING = [
  undefined,
  '',
  ':',
  '.',
  './',
  'bin',
  '/usr/bin:',
  ':/usr/bin',
  '/usr/bin::/bin',
  '/usr/bin:.:..',
];

describe('a program', () => {
  it.each(LEADING)('is looked up in absolute directories alone, with PATH=%j', (path) => {
    trap('modprobe-of-workspace');
    mkdirSync('bin');
    writeFileSync('bin/modprobe-of-workspace', '#!/bin/sh\n', { mode: 0o755 });
    const environment = path === undefined ? {} : { PATH: path };

    expect(programDirectories(environment).every((directory) => directory.startsWith('/'))).toBe(true);
    expect(findProgram('modprobe-of-workspace', environment)).toBeUndefined();
    expect(findProgram('sh', environment)).toMatch(/^\/.*\/sh$/);
  });

  it('is found in the system’s own directories too, which users may not have in their PATH', () => {
    expect(programDirectories({ PATH: '/opt/bin' })).toEqual(['/opt/bin', '/usr/sbin', '/sbin']);
    expect(programDirectories({})).toEqual(['/usr/bin', '/bin', '/usr/sbin', '/sbin']);
  });

  it('is a regular file that may be executed', () => {
    const environment = { PATH: workspace };
    mkdirSync('tool');
    expect(findProgram('tool', environment)).toBeUndefined();
    writeFileSync('other', '#!/bin/sh\n', { mode: 0o644 });
    expect(findProgram('other', environment)).toBeUndefined();
    chmodSync('other', 0o755);
    expect(findProgram('other', environment)).toBe(join(workspace, 'other'));
  });

  it.each(['./modprobe', 'bin/modprobe', '../modprobe', ''])(
    'is not %j, which depends on the directory',
    (name) => {
      expect(() => findProgram(name)).toThrow(TypeError);
      expect(() => startProgram(name, [])).toThrow(TypeError);
    },
  );

  it('that is missing has an absolute path too', () => {
    expect(programPath('no-such-program', { PATH: ':/opt/bin' })).toBe('/sbin/no-such-program');
  });
});

describe('a program of Windows', () => {
  const find = (name: string, environment: NodeJS.ProcessEnv) =>
    programCandidates(name, environment, 'win32');

  it('is never in the current directory, and has an extension that Node starts', () => {
    const environment = {
      Path: 'C:\\a;;.;bin;\\tools;D:rel;"E:\\b c"',
      PATHEXT: '.EXE;.CMD',
      SystemRoot: 'C:\\W',
    };
    expect(find('ssh', environment)).toEqual([
      'C:\\a\\ssh.exe',
      'E:\\b c\\ssh.exe',
      'C:\\W\\System32\\ssh.exe',
    ]);
    expect(find('ssh.exe', environment)).toContain('C:\\a\\ssh.exe');
  });

  it.each(['.\\ssh', 'C:ssh', '\\ssh', 'a/ssh'])('is not %j', (name) => {
    expect(() => find(name, {})).toThrow(TypeError);
  });

  it('looks up its own ones in the same way', () => {
    expect(safeEnvironment({ Path: '.;C:\\a', SystemRoot: 'C:\\W', OTHER: '1' }, 'win32')).toEqual({
      PATH: 'C:\\a;C:\\W\\System32',
      SystemRoot: 'C:\\W',
      OTHER: '1',
      NoDefaultCurrentDirectoryInExePath: '1',
    });
  });
});

describe('starting a program', () => {
  it.each(LEADING)('starts none of the workspace, with PATH=%j', async (path) => {
    trap('trap-of-workspace');
    vi.stubEnv('PATH', path);

    await expect(runProgram('trap-of-workspace', [])).rejects.toMatchObject({ code: 'ENOENT' });
    expect(runProgramSync('trap-of-workspace', []).error).toMatchObject({ code: 'ENOENT' });
    const error = await new Promise((resolve) => startProgram('trap-of-workspace', []).on('error', resolve));

    expect(error).toMatchObject({ code: 'ENOENT' });
    expect(ran()).toBe(false);
  });

  it.each(LEADING)('lets what it starts find none either, with PATH=%j', async (path) => {
    trap('trap-of-workspace');
    const env = path === undefined ? {} : { PATH: path };
    const inWorkspace = { cwd: workspace, env };

    await expect(runProgram('sh', ['-c', 'trap-of-workspace'], inWorkspace)).rejects.toMatchObject({
      code: 127,
    });
    expect(ran()).toBe(false);
  });

  it('is done in / unless told', async () => {
    expect((await runProgram('pwd', [])).stdout).toBe('/\n');
    expect((await runProgram('pwd', [], { cwd: workspace })).stdout).toBe(`${workspace}\n`);
  });
});
