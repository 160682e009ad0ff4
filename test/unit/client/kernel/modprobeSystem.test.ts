import { describe, expect, it } from 'vitest';
import { readModprobeSystem, type ModprobeSystem } from '../../../../client/kernel/modprobeSystem';

/** Parses what a target answers; `@` stands for the mark of this run. */
function parse(...parts: readonly string[]): ModprobeSystem {
  const command = readModprobeSystem('6.1.0');
  const mark = command.argv[4] ?? '';
  const text = parts.map((part) => `\n${part.replace('@', mark)}`).join('');
  return command.parse({ exitCode: 0, stdout: Buffer.from(text, 'latin1'), stderr: '' });
}

describe('what a target’s modprobe goes by', () => {
  it('is every byte of its files, and what stands in its directories', () => {
    const system = parse(
      '@ version \0kmod version 30\n+ZSTD',
      '@ directory /etc/modprobe.d\0',
      '@ file /etc/modprobe.d/a b.conf\0options x y=1\n\n\0\xff\n',
      '@ other /etc/modprobe.d/x.txt\0',
      '@ subdirectory /etc/modprobe.d/sub\0',
      '@ dangling /etc/modprobe.d/gone.conf\0',
      '@ unreadable /etc/modprobe.d/secret.conf\0',
      '@ closed /run/modprobe.d\0',
      '@ modules \0./kernel/x.ko\n./kernel/y.ko.xz\n',
      '@ file /proc/modules\0x 16384 0 - Live 0x0\ny 16384 0 - Loading 0x0\n',
      '@ end \0',
    );
    expect(system.version).toBe('kmod version 30\n+ZSTD');
    expect(system.files.get('/etc/modprobe.d/a b.conf')).toEqual(
      Buffer.from('options x y=1\n\n\0\xff\n', 'latin1'),
    );
    expect(system.directories.get('/etc/modprobe.d')).toEqual([
      { name: 'a b.conf', kind: 'file' },
      { name: 'x.txt', kind: 'file' },
      { name: 'sub', kind: 'directory' },
      { name: 'gone.conf', kind: 'missing' },
      { name: 'secret.conf', kind: 'file' },
    ]);
    expect([...system.directories.keys()]).toEqual(['/etc/modprobe.d', '/run/modprobe.d']);
    expect(system.directories.get('/run/modprobe.d')).toBeUndefined();
    expect(system.unreadable).toEqual(['/etc/modprobe.d/secret.conf']);
    expect(system.moduleFiles).toEqual(['kernel/x.ko', 'kernel/y.ko.xz']);
    expect(system.loaded).toEqual(['x']);
  });

  it('is known to be cut off', () => {
    expect(() => parse('@ version \0kmod version 30')).toThrow('did not tell all');
    expect(() => parse('@ version ')).toThrow('did not tell all');
    expect(() => parse()).toThrow('did not tell all');
  });

  it('is not told by a file that looks like an answer', () => {
    const system = parse(
      '@ file /etc/modprobe.d/a.conf\0\n00000000-0000-0000-0000-000000000000 file /proc/modules\0x',
      '@ end \0',
    );
    expect([...system.files.keys()]).toEqual(['/etc/modprobe.d/a.conf']);
  });
});
