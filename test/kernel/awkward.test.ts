import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../client/kernel/command';
import { insmod, readParameters, removeFile, rmmod } from '../../client/kernel/commands';
import { insmodArgument } from '../../client/kernel/parameterArgument';
import { awkwardName, awkwardWord } from '../awkward';
import { buildSample, useDirectory, useScratch } from './scratch';

/** The kernel's syntax can not carry every value: that is told before anything is sent. */
const value = awkwardWord.filter((text) => {
  try {
    insmodArgument(`who=${text}`);
    return true;
  } catch {
    return false;
  }
});

describe.each([
  ['kmod and dash', true],
  ['BusyBox', false],
])('on a target with %s', (_tools, kmod) => {
  const scratch = useScratch({ kmod });
  const directory = useDirectory();
  let hello: Buffer;
  beforeAll(async () => {
    hello = readFileSync((await buildSample('hello', directory))['hello'] ?? '');
  });

  it('argv, paths and parameter values reach the kernel as they are meant', async () => {
    const { target } = scratch;
    const words = fc.array(awkwardWord, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(words, awkwardName, value, async (argv, name, who) => {
        const { stdout } = await target.run(['printf', '%s\\0', ...argv]);
        expect(stdout.toString().split('\0').slice(0, -1)).toEqual(argv);

        const path = `/tmp/${name}.ko`;
        await target.upload(hello, path);
        const loaded = await execute(target, insmod(path, [`who=${who}`]));
        const parameters = await execute(target, readParameters('hello'));
        await execute(target, rmmod('hello'));
        await execute(target, removeFile(path));

        expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
        expect(parameters.find((parameter) => parameter.name === 'who')?.value).toBe(who);
      }),
      { numRuns: 40 },
    );
    expect(await scratch.shell('ls -A /tmp')).toBe('');
  });
});
