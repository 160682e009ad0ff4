import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../../../kmod/text';
import { QUERIES } from '../../../server/commands/queries';
import type { Answer } from '../../../server/commands/system';
import { buildElf, SHAPES } from '../kmod/elfBuilder';
import { answerOf } from './answerOf';

const release =
  readdirSync('/lib/modules').find((name) => existsSync(join('/lib/modules', name, 'modules.dep'))) ?? '';
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'modinfo-'));
  writeFileSync(join(directory, 'text.ko'), 'no module\n');
});

afterAll(() => rmSync(directory, { recursive: true }));

async function ours(...argv: string[]): Promise<Answer> {
  const { modinfo } = QUERIES;
  if (modinfo === undefined) throw new Error('no query modinfo');
  return answerOf((print) => modinfo(['-k', release, ...argv], print));
}

function theirs(...argv: string[]): Answer {
  const { stdout, stderr, status } = spawnSync('/sbin/modinfo', ['-k', release, ...argv], {
    argv0: 'modinfo',
  });
  return { exitCode: status ?? -1, stdout: decodeText(stdout), stderr: decodeText(stderr) };
}

describe('modinfo of the installed kernel says what kmod says', () => {
  it.each([
    ['virtio_scsi'],
    ['virtio-scsi', 'dummy'],
    ['-F', 'alias', 'r8169'],
    ['-F', 'Alias', 'r8169'],
    ['-F', 'parmtype', 'virtio_net'],
    ['-F', 'parm', 'virtio_net'],
    ['-p', 'virtio_net'],
    ['-n', 'virtio_net', 'unix'],
    ['-0', 'virtio_net'],
    ['-0', '-F', 'depends', 'virtio_net'],
    ['-p', '-n', '-F', 'license', 'btrfs'],
    ['-l', '-d', 'dummy'],
    ['-a', 'dummy'],
    ['unix'],
    ['-F', 'name', 'unix'],
    ['net-pf-1'],
    ['fs-btrfs'],
    ['virtio:d00000001v00001AF4'],
    ['symbol:xor_blocks'],
    ['no_such_module', 'dummy'],
    ['dummy.ko'],
    ['a[b'],
    ['-m', 'dummy'],
    ['-m', 'unix', 'net-pf-1'],
    ['-m', 'no-such.module'],
    ['-0pF', 'license', 'dummy'],
    ['dummy', '--fi=license'],
    ['dummy', '--field'],
    ['--fields=a', 'dummy'],
    ['-b', '/nowhere', 'dummy'],
    ['--base=/', '-n', 'dummy'],
    [],
  ])('%s %s %s %s', async (...argv) => {
    const given = argv.filter((word) => word !== undefined);
    expect(await ours(...given)).toEqual(theirs(...given));
  });

  it('of a file that is no module: its name, and a failure', async () => {
    const file = join(directory, 'text.ko');
    const { exitCode, stdout } = theirs(file);
    expect(await ours(file)).toEqual({
      exitCode,
      stdout,
      stderr: expect.stringMatching(/^modinfo: ERROR: could not get modinfo from 'text': /),
    });
  });

  it('of a file, by the path that it was given', async () => {
    const path = theirs('-n', 'dummy').stdout.trimEnd();
    expect(await ours(path)).toEqual(theirs(path));
  });

  it('of files whose strings nobody would write', { timeout: 600_000 }, async () => {
    const file = join(directory, 'odd-name.ko');
    const property = fc.asyncProperty(modinfoSection, options, shape, async (data, argv, built) => {
      writeFileSync(file, buildElf(built, [{ name: '.modinfo', data: encodeText(data) }]));
      expect(await ours(...argv, file)).toEqual(theirs(...argv, file));
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

const text = fc.string({
  unit: fc.constantFrom(
    ...['a', 'b', 'int', '=', ':', ' ', '\n', '\t', 'é', '\udcff', '\x01', '(', ')', '-', '_', '\\', '"'],
  ),
  maxLength: 8,
});
const key = fc.constantFrom('parm', 'parmtype', 'alias', 'license', 'name', 'filename', 'signer', 'Parm', '');
const ofParameter = fc.tuple(fc.constantFrom('p', 'q', 'r-s', 'r_s', ''), fc.constantFrom(':', ''), text);
const modinfoSection = fc
  .array(
    fc.tuple(
      fc.oneof(key, text),
      fc.constantFrom('=', '=', ''),
      fc.oneof(
        text,
        ofParameter.map((words) => words.join('')),
      ),
      fc.constantFrom('\0', '\0\0\0'),
    ),
    { maxLength: 8 },
  )
  .chain((strings) => fc.constantFrom('', 'x=y', 'parm=p').map((end) => strings.flat().join('') + end));
const options = fc.oneof(
  fc.constantFrom([], ['-0'], ['-p'], ['-n'], ['-l'], ['-0', '-p']),
  fc.constantFrom('parm', 'parmtype', 'alias', 'name', 'filename', '').map((field) => ['-F', field]),
);
const shape = fc.constantFrom(...SHAPES);
