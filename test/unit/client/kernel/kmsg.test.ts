import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KmsgParser, type KernelLogRecord } from '../../../../client/kernel/kmsg';

function read(...chunks: (string | Buffer)[]): KernelLogRecord[] {
  const records: KernelLogRecord[] = [];
  const parser = new KmsgParser((record) => records.push(record));
  chunks.forEach((chunk) => parser.write(Buffer.from(chunk)));
  return records;
}

describe('a record of /dev/kmsg', () => {
  it('tells level, facility, sequence and time', () => {
    expect(read('11,339,5140900,-;hello\n')).toEqual([
      { level: 'err', facility: 1, sequence: 339, microseconds: 5140900, text: 'hello' },
    ]);
  });

  it.each([
    [0, 'emerg'],
    [4, 'warning'],
    [7, 'debug'],
  ])('of priority %i is of the level %s', (priority, level) => {
    expect(read(`${priority},1,1,-;x\n`)[0]?.level).toBe(level);
  });

  it('has its escapes undone: bytes, not characters', () => {
    expect(read('6,1,1,-;d\\xc3\\xa4y\\x0anext \\x5cx41 a;b,c\n')[0]?.text).toBe('däy\nnext \\x41 a;b,c');
  });

  it('leaves its dictionary and unknown header fields aside', () => {
    expect(
      read('6,1,1,-,caller=T1;x\n SUBSYSTEM=pci\n DEVICE=+pci:0\n6,2,1,c;y\n').map(({ text }) => text),
    ).toEqual(['x', 'y']);
  });

  it('may arrive in pieces', () => {
    const whole = Buffer.from('6,1,1,-;one\n6,2,1,-;two\n');
    const pieces = Array.from(whole, (byte) => Buffer.from([byte]));
    expect(read(...pieces)).toEqual(read(whole));
  });

  it('is not waited for for ever', () => {
    expect(read(Buffer.alloc(100_000, 'x'), '\n6,1,1,-;after\n').map(({ text }) => text)).toEqual(['after']);
  });

  it('is not made up of garbage, and nothing throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) =>
        Array.isArray(read(...chunks.map((chunk) => Buffer.from(chunk)))),
      ),
    );
    expect(read('6,1;x\nx\n;\n,,,;x\n')).toEqual([]);
  });
});
