import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkParameterValue,
  formatParameter,
  ParameterError,
  parseParameters,
  sameParameterName,
} from '../../../kmod/parameters';

describe("the kernel's words", () => {
  it.each([
    ['', []],
    ['  debug  n=1 ', [{ name: 'debug' }, { name: 'n', value: '1' }]],
    [
      'who="a b" n=1',
      [
        { name: 'who', value: 'a b' },
        { name: 'n', value: '1' },
      ],
    ],
    [
      '"who=a b" n=1',
      [
        { name: 'who', value: 'a b' },
        { name: 'n', value: '1' },
      ],
    ],
    ['"a flag" n', [{ name: 'a flag' }, { name: 'n' }]],
    ['who=a" "b', [{ name: 'who', value: 'a" "b' }]],
    ['who="a=b"', [{ name: 'who', value: 'a=b' }]],
    ['who="open n=1', [{ name: 'who', value: 'open n=1' }]],
    ['who=', [{ name: 'who', value: '' }]],
    ['who="', [{ name: 'who', value: '' }]],
    ['=x', [{ name: '=x' }]],
    ['a\tb\nc', [{ name: 'a' }, { name: 'b' }, { name: 'c' }]],
    ['a -- b', [{ name: 'a' }]],
    ['--=x b', [{ name: '--', value: 'x' }, { name: 'b' }]],
  ])('of %j', (text, assignments) => {
    expect(parseParameters(text)).toEqual(assignments);
  });

  it('have names in which - and _ are one', () => {
    expect(sameParameterName('num-devices', 'num_devices')).toBe(true);
    expect(sameParameterName('num', 'nums')).toBe(false);
  });
});

describe("a word for insmod's arguments", () => {
  it.each([
    ['', 'who='],
    ['world', 'who=world'],
    ['a,b=c', 'who=a,b=c'],
    ["it's $(reboot)", `who="it's $(reboot)"`],
    ['two\nlines', 'who="two\nlines"'],
    ['5" disk', undefined],
    ['a"b"c', 'who=a"b"c'],
    ['"quoted"', 'who=""quoted""'],
    ['"', undefined],
    ['half"', undefined],
    ['a "" b', 'who="a "" b"'],
    ['a\0b', undefined],
  ])('for the value %j is %j', (value, word) => {
    if (word === undefined) {
      expect(() => formatParameter('who', value)).toThrow(ParameterError);
    } else {
      expect(formatParameter('who', value)).toBe(word);
    }
  });

  it('quotes letters that hold the byte A0, which the kernel takes for a blank', () => {
    expect(formatParameter('who', 'voilà')).toBe('who="voilà"');
    expect(parseParameters('who=voilà n=1')[0]?.value).not.toBe('voilà');
  });

  it.each(['', '-f', 'a b', 'a=b', '"a', 'a"', 'ä'])('is refused for the name %j', (name) => {
    expect(() => formatParameter(name, '1')).toThrow(ParameterError);
  });

  it('says what can not be said, and of which parameter', () => {
    expect(() => formatParameter('who', 'a "b')).toThrow(
      String.raw`parameter "who": the kernel can not be given "a \"b": a value with blanks stands in double quotes`,
    );
  });

  it('is read by the kernel as it was meant, wherever it stands', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('a', '"', ' ', '=', ',', '\\', "'", '\t', '\n', '-', '\u00a0', 'à'),
      }),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), (values) => {
        const sayable = values.flatMap((text, index) => {
          try {
            return [{ name: `p${index}`, value: text, word: formatParameter(`p${index}`, text) }];
          } catch (error) {
            expect(error).toBeInstanceOf(ParameterError);
            expect(text).toMatch(/["\0]/);
            return [];
          }
        });
        expect(parseParameters(sayable.map(({ word }) => word).join(' '))).toEqual(
          sayable.map(({ name, value: text }) => ({ name, value: text })),
        );
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the kernel takes', () => {
  it.each([
    ['int', ['0', '-2147483648', '2147483647', '+5', '0x7fffffff', '-0X10', '017', '5\n']],
    ['uint', ['4294967295', '0xffffffff', '+1']],
    ['byte', ['255', '0377']],
    ['short', ['-32768']],
    ['ushort', ['65535']],
    ['hexint', ['0xdeadbeef', '10']],
    ['long', ['-9223372036854775808']],
    ['ulong', ['18446744073709551615']],
    ['ullong', ['0xffffffffffffffff']],
    ['bool', ['y', 'Y', '1', 'n', 'N', '0', 'on', 'oFF', 'yes', 'no', 'true', 'false', undefined]],
    ['invbool', ['n']],
    ['bint', ['off', undefined]],
    ['charp', ['', 'any text', 'a'.repeat(1024)]],
    ['string', ['']],
    ['array of int', ['1', '1,0x2,-3']],
    ['array of charp', ['', 'a,,b']],
    ['array of bool', ['y,n']],
    ['a_type_of_its_own', ['whatever', undefined]],
    ['constructor', ['1', undefined]],
    [undefined, ['whatever', undefined]],
  ])('for the type %s', (type, values) => {
    for (const value of values) {
      expect(checkParameterValue(type === undefined ? {} : { type }, value), String(value)).toBeUndefined();
    }
  });
});

describe('the kernel refuses', () => {
  it.each([
    [
      'int',
      ['', ' 1', '1 ', '08', '0x', '0xg', '1.5', 'abc', '--1', '-+1', '2147483648', '5\n\n', undefined],
    ],
    ['uint', ['-1', '-0', '4294967296']],
    ['byte', ['256', '-1']],
    ['short', ['32768']],
    ['ulong', ['18446744073709551616']],
    ['bool', ['', 'o', 'ok', '2', ' y', '-']],
    ['bint', ['2']],
    ['invbool', [undefined]],
    ['charp', ['a'.repeat(1025), 'é'.repeat(513), undefined]],
    ['string', [undefined]],
    ['array of int', ['', '1,', '1,x', ',1', undefined]],
    ['array of bool', ['y,2']],
  ])('for the type %s', (type, values) => {
    for (const value of values) {
      expect(checkParameterValue({ type }, value), String(value)).toBeTypeOf('string');
    }
  });

  it('for long what passes the width of its pointers', () => {
    expect(checkParameterValue({ type: 'long' }, '4294967296', 64)).toBeUndefined();
    expect(checkParameterValue({ type: 'long' }, '4294967296', 32)).toBe(
      '"4294967296" is out of the range of long, -2147483648 to 2147483647',
    );
  });

  it('in words that say what it takes', () => {
    expect(checkParameterValue({ type: 'array of byte' }, '1,two')).toBe(
      '"two" is no byte: the kernel takes whole numbers from 0 to 255, also as 0x1f or 017',
    );
  });
});
