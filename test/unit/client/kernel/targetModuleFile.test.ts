import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execute } from '../../../../client/kernel/command';
import {
  ModuleFileError,
  readModuleFile,
  unpackModuleFile,
} from '../../../../client/kernel/targetModuleFile';
import { buildModule } from '../../kmod/elfBuilder';
import { ShellTarget } from './shellTarget';

let directory = '';
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'kmod-file-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const MODULE = buildModule(['name=a'], [{ name: '.debug_info', data: Buffer.alloc(100_000, 'debug') }]);

/** A file of the target, as it arrives. */
async function fetched(path: string, tools?: string): Promise<Buffer | undefined> {
  const sent = await execute(new ShellTarget('board', tools), readModuleFile(path));
  return sent && unpackModuleFile(sent);
}

describe("A target's module file", () => {
  it.each([
    ['a.ko', MODULE],
    ['a.ko.gz', gzipSync(MODULE)],
    ["it's $(a) name.ko", MODULE],
    ['empty.ko', Buffer.alloc(0)],
  ])('arrives as it is: %s', async (name, bytes) => {
    writeFileSync(join(directory, name), bytes);
    expect(await fetched(join(directory, name))).toEqual(bytes);
  });

  it('is packed on the way, where the target can do that', async () => {
    writeFileSync(join(directory, 'a.ko'), MODULE);
    const tools = join(directory, 'tools');
    mkdirSync(tools);
    for (const tool of ['wc', 'cat']) symlinkSync(`/bin/${tool}`, join(tools, tool));
    const [packing, plain] = [new ShellTarget('board'), new ShellTarget('board', tools)];
    for (const target of [packing, plain]) {
      const sent = await execute(target, readModuleFile(join(directory, 'a.ko')));
      expect(sent && (await unpackModuleFile(sent))).toEqual(MODULE);
    }
    expect(plain.sent[0]).toBeGreaterThan(MODULE.length);
    expect(packing.sent[0]).toBeLessThan(MODULE.length / 10);
  });

  it('need not be there', async () => {
    expect(await fetched(join(directory, 'a.ko'))).toBeUndefined();
  });

  it('is refused where it is none', async () => {
    const pipe = join(directory, 'a.ko');
    execFileSync('mkfifo', [pipe]);
    await expect(fetched(pipe)).rejects.toThrow('a.ko is no file there');
    await expect(fetched(directory)).rejects.toThrow('is no file there');
    await expect(fetched('/dev/zero')).rejects.toThrow('is no file there');
  });

  it('is refused where it is too large, before a byte of it is sent', async () => {
    const file = join(directory, 'a.ko');
    writeFileSync(file, '');
    truncateSync(file, (128 << 20) + 1);
    await expect(fetched(file)).rejects.toThrow('has 134217729 bytes: more than');
  });
});

describe('What a hostile target sends for a module file', () => {
  const parse = async (stdout: Buffer): Promise<Buffer | undefined> => {
    const sent = readModuleFile('/lib/modules/1/a.ko').parse({ exitCode: 0, stdout, stderr: '' });
    return sent && unpackModuleFile(sent);
  };

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no size', Buffer.from('cat\nabc')],
    ['less than it says', Buffer.from('cat 4\nabc')],
    ['more than it says', Buffer.from('cat 2\nabc')],
    ['a bomb', Buffer.concat([Buffer.from('gzip 1000\n'), gzipSync(Buffer.alloc(80 << 20))])],
    ['half a pack', Buffer.concat([Buffer.from('gzip 4\n'), gzipSync('abcd').subarray(0, 12)])],
  ])('is refused: %s', async (_, answer) => {
    await expect(parse(answer)).rejects.toThrow(ModuleFileError);
  });

  it('is refused or read, whatever it is', async () => {
    const good = Buffer.concat([Buffer.from('gzip 4\n'), gzipSync('abcd')]);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        const outcome = await parse(bytes).then(
          (file) => file?.length === Number(/\d+/.exec(bytes.toString('latin1'))?.[0]),
          (error: unknown) => error instanceof ModuleFileError,
        );
        expect(outcome).toBe(true);
      }),
    );
  });
});
