import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProcModules, type LoadedModule } from '../../../../client/kernel/procModules';

const one = (line: string): LoadedModule | undefined => parseProcModules(`${line}\n`, () => undefined)[0];

describe('a line of /proc/modules', () => {
  it('tells a module with its size, references, users and taints', () => {
    expect(one('chain_base 16384 1 chain_top, Live 0xffffffffc0334000 (OE)')).toEqual({
      name: 'chain_base',
      size: 16384,
      references: 1,
      usedBy: ['chain_top'],
      permanent: false,
      state: 'live',
      taints: 'OE',
    });
  });

  it('tells a module without users, taints or a readable address', () => {
    expect(one('virtio_net 73728 0 - Live 0x0000000000000000')).toMatchObject({ usedBy: [], taints: '' });
  });

  it('tells several users', () => {
    expect(one('virtio 20480 2 virtio_net,virtio_pci, Live 0x0')?.usedBy).toEqual([
      'virtio_net',
      'virtio_pci',
    ]);
  });

  it('tells a module that can not be unloaded', () => {
    expect(one('x 16384 1 y,[permanent], Live 0x0 (O)')).toMatchObject({ usedBy: ['y'], permanent: true });
    expect(one('x 16384 1 [permanent], Live 0x0')).toMatchObject({ usedBy: [], permanent: true });
  });

  it('tells one whose init has not returned, and one whose exit has not', () => {
    expect(one('x 16384 1 - Loading 0x0 (OE+)')).toMatchObject({ state: 'loading', taints: 'OE+' });
    // The kernel has taken its own reference away by then.
    expect(one('x 16384 -1 - Unloading 0x0 (OE-)')).toMatchObject({ state: 'unloading', references: 0 });
  });

  it('has no references on a kernel that can not unload', () => {
    expect(one('x 16384 - - Live 0x0')).toMatchObject({ references: undefined, usedBy: [] });
  });
});

describe('the text of /proc/modules', () => {
  it('may be empty', () => {
    expect(parseProcModules('', () => expect.unreachable())).toEqual([]);
  });

  it('drops what is none of a module, and says so', () => {
    const dropped: string[] = [];
    const text =
      '-f 1 0 - Live 0x0\nok 1 0 - Live 0x0\n$(x) 1 0 - Live 0x0\nx one 0 - Live 0x0\nx 1 0 - Dead 0x0\n';
    const modules = parseProcModules(text, (line) => dropped.push(line));
    expect(modules.map(({ name }) => name)).toEqual(['ok']);
    expect(dropped).toHaveLength(4);
  });

  it.each([
    '../../x 1 0 - Live 0x0',
    '<img/onerror=alert(1)> 1 0 - Live 0x0',
    'x 1 1 ../../y, Live 0x0',
    'x 1 1 <img/onerror=alert(1)>, Live 0x0',
    'x 1 1 $(reboot), Live 0x0',
    `${'x'.repeat(56)} 1 0 - Live 0x0`,
    `x ${'9'.repeat(400)} 0 - Live 0x0`,
  ])('drops the hostile line %j', (line) => {
    const dropped: string[] = [];
    expect(parseProcModules(`${line}\n`, (one) => dropped.push(one))).toEqual([]);
    expect(dropped).toEqual([line]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        Array.isArray(parseProcModules(text, () => undefined)),
      ),
    );
  });
});

describe('a /proc/modules that no kernel has', () => {
  it('is read up to a limit, and that is told', () => {
    const dropped: string[] = [];
    const line = 'x 1 0 - Live 0x0\n';
    const modules = parseProcModules(line.repeat(1_000_000), (text) => dropped.push(text));
    expect(modules).toHaveLength(10_000);
    expect(dropped).toEqual(['there are more than 10000 lines: the others are not read']);
  });

  it('has no line with a million users', () => {
    expect(one(`x 1 1 ${'a,'.repeat(1_000_000)} Live 0x0`)).toBeUndefined();
    const many = `x 1 1 ${'a,'.repeat(4000)} Live 0x0\n`.repeat(1000);
    expect(parseProcModules(many, () => undefined).length).toBeLessThan(20);
  });

  it('has no state of another name', () => {
    expect(one('x 1 0 - constructor 0x0')).toBeUndefined();
  });
});
