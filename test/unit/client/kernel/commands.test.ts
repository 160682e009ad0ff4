import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../client/kernel/command';
import {
  insmod,
  listModules,
  modprobe,
  modprobeRemove,
  readBuildIds,
  readFile,
  readParameters,
  readSituation,
  removeFile,
  rmmod,
} from '../../../../client/kernel/commands';

const parse = <T>(command: Command<T>, stdout: Buffer | string, stderr = '', exitCode = 0): T =>
  command.parse({ exitCode, stdout: Buffer.from(stdout), stderr });

describe('insmod', () => {
  it('passes each parameter as one word that the kernel reads as it is meant', () => {
    expect(insmod('/tmp/x.ko', ['count=3', 'who=two words', 'loud']).argv).toEqual([
      'insmod',
      '/tmp/x.ko',
      'count=3',
      'who="two words"',
      'loud',
    ]);
  });

  it('needs root, and takes every exit code for an answer', () => {
    const command = insmod('/tmp/x.ko', []);
    expect(command.asRoot).toBe(true);
    expect(command.accepts).toContain(1);
    expect(parse(command, '', 'insmod: ERROR: no\n', 1)).toEqual({
      argv: ['insmod', '/tmp/x.ko'],
      exitCode: 1,
      stderr: 'insmod: ERROR: no',
    });
  });

  it.each(['-f=1', '--force', '=1', 'a b=1', '$(x)=1', 'x'.repeat(3) + ';=1'])(
    'refuses the parameter %j',
    (parameter) => {
      expect(() => insmod('/tmp/x.ko', [parameter])).toThrow('not the name of a parameter');
    },
  );
});

describe('a module’s name', () => {
  it.each(['-f', '--force', '', 'a b', 'a;b', '$(x)', '../x', 'x\n', 'x'.repeat(56)])(
    '%j reaches no command line',
    (name) => {
      for (const make of [rmmod, modprobe, modprobeRemove, readParameters] as ((name: string) => unknown)[]) {
        expect(() => make(name)).toThrow('is no module name');
      }
      expect(() => readBuildIds([name])).toThrow('is no module name');
    },
  );

  it('stands behind the tool', () => {
    expect(rmmod('hello').argv).toEqual(['rmmod', 'hello']);
    expect(modprobe('dm-zero', ['a=b c']).argv).toEqual(['modprobe', 'dm-zero', 'a=b c']);
    expect(modprobeRemove('dm-zero').argv).toEqual(['modprobe', '-r', 'dm-zero']);
  });
});

describe('a path of the target', () => {
  it.each([readFile, removeFile, (path: string) => insmod(path, [])])(
    'is absolute, so never an option',
    (make) => {
      expect(() => make('-rf')).toThrow('is no absolute path');
    },
  );
});

describe('readFile', () => {
  it('gives the bytes, or undefined where there is no such file', () => {
    const bytes = Buffer.from([0, 255, 10]);
    expect(parse(readFile('/x'), bytes)).toEqual(bytes);
    expect(parse(readFile('/x'), '', "cat: can't open", 1)).toBeUndefined();
  });
});

describe('listModules', () => {
  it('hands lines that are none of a module to whom it may concern', () => {
    const dropped: string[] = [];
    const modules = parse(
      listModules((line) => dropped.push(line)),
      'hello 16384 0 - Live 0x0000000000000000 (OE)\ngarbage\n',
    );
    expect(modules.map(({ name }) => name)).toEqual(['hello']);
    expect(dropped).toEqual(['garbage']);
  });

  it('says what a kernel is that has no such list', () => {
    const absent = "cat: can't open '/proc/modules': No such file or directory";
    expect(() => parse(listModules(), '', absent, 1)).toThrow('CONFIG_MODULES is off');
    expect(() => parse(readSituation('6.1.0', 1000), '12\n /tmp\n?\n\n')).toThrow('CONFIG_MODULES is off');
    expect(() => parse(listModules(), '', 'cat: Permission denied', 1)).toThrow('Permission denied');
  });
});

describe('readSituation', () => {
  const MODULES = 'a 1 0 - Live 0x0\nb 2 1 a, Live 0x0\n';

  it('tells a place to write, the loaded modules and the built-in ones', () => {
    const { directory, free, owner, modules, builtin } = parse(
      readSituation('6.1.0', 1_000_000),
      `1234\n5120 /tmp\n${MODULES}\nkernel/fs/ext4/ext4.ko\nkernel/lib/crc-x.ko\n`,
    );
    expect({ directory, free, owner }).toEqual({ directory: '/tmp', free: 5120, owner: 1234 });
    expect(modules.map(({ name }) => name)).toEqual(['a', 'b']);
    expect([...(builtin ?? [])]).toEqual(['ext4', 'crc_x']);
  });

  it('does not claim to know what it could not read', () => {
    const { directory, free, modules, builtin } = parse(readSituation('6.1.0', 1000), '12\n\n\n');
    expect(directory).toBeUndefined();
    expect(free).toBeUndefined();
    expect(modules).toEqual([]);
    expect(builtin).toBeUndefined();
  });
});

describe('readParameters', () => {
  const record = (...fields: string[]): string => fields.map((field) => `${field}\0`).join('');

  it('keeps blanks and line ends of a value, but for the one that sysfs adds', () => {
    const stdout = record('who', '-r--r--r--', '+ a\nb \n\n') + record('empty', '-rw-r--r--', '+\n');
    expect(parse(readParameters('hello'), stdout)).toEqual([
      { name: 'who', value: ' a\nb \n', mode: 0o444 },
      { name: 'empty', value: '', mode: 0o644 },
    ]);
  });

  it('has no value for what the login may not read', () => {
    expect(parse(readParameters('hello'), record('secret', '-r--------', '-'))).toEqual([
      { name: 'secret', value: undefined, mode: 0o400 },
    ]);
  });

  it.each(['', 'garbage', 'a\0b', '\0\0\0\0'])('survives %j', (stdout) => {
    expect(() => parse(readParameters('hello'), stdout)).not.toThrow();
  });

  it('asks for the module as the kernel names it', () => {
    expect(readParameters('dm-mod').argv.at(-1)).toBe('dm_mod');
  });
});

describe('readBuildIds', () => {
  const note = (id: Buffer, order: 'LE' | 'BE' = 'LE'): Buffer => {
    const header = Buffer.alloc(16, 'GNU\0');
    [4, id.length, 3].forEach((word, index) =>
      order === 'LE' ? header.writeUInt32LE(word, 4 * index) : header.writeUInt32BE(word, 4 * index),
    );
    header.write('GNU\0', 12);
    return Buffer.concat([header, id]);
  };
  const named = (name: string, bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${name}\n`), bytes]);
  /** With line ends and NULs in it. */
  const ID = Buffer.from('0a000a41420a00ff0a0000000a0a0a0a0a0a0a0a', 'hex');

  it('reads ids that hold any byte, of either byte order', () => {
    const stdout = Buffer.concat([named('a', note(ID)), named('b', note(ID, 'BE')), named('c', note(ID))]);
    expect([...parse(readBuildIds([]), stdout)]).toEqual([
      ['a', ID.toString('hex')],
      ['b', ID.toString('hex')],
      ['c', ID.toString('hex')],
    ]);
  });

  it('keeps what came before a note that is cut off or none', () => {
    const good = named('a', note(ID));
    for (const bad of [
      named('b', note(ID).subarray(0, 20)),
      named('b', Buffer.alloc(40)),
      Buffer.from('b'),
      Buffer.from('b\nGNU'),
    ]) {
      expect([...parse(readBuildIds([]), Buffer.concat([good, bad])).keys()]).toEqual(['a']);
    }
  });
});
