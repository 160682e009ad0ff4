import { describe, expect, it } from 'vitest';
import type { ModuleInfo } from '../../../kmod/modinfo';
import { formatModinfo } from '../../../kmod/modinfoText';

const hello: ModuleInfo = {
  name: 'hello',
  entries: [
    { key: 'license', value: 'GPL' },
    { key: 'parm', value: 'who:whom to greet' },
    { key: 'parmtype', value: 'who:charp' },
    { key: 'parmtype', value: 'count:int' },
    { key: 'parm', value: 'bare:no type' },
    { key: 'a_key_of_20_letters_', value: 'x' },
    { key: 'name', value: 'hello' },
  ],
  parameters: [
    { name: 'who', type: 'charp', description: 'whom to greet' },
    { name: 'count', type: 'int' },
    { name: 'bare', description: 'no type' },
  ],
};

const signed: ModuleInfo = {
  ...hello,
  entries: [],
  parameters: [],
  signature: {
    idType: 'PKCS#7',
    signer: 'Some key',
    keyId: 'AA:BB',
    hashAlgorithm: 'sha256',
    signature: Array.from({ length: 41 }, () => '0F').join(':'),
  },
};

describe('modinfo prints', () => {
  it('the file, the strings, and the parameters in reverse order', () => {
    expect(formatModinfo(hello, { fileName: './hello.ko' })).toBe(
      [
        'filename:       ./hello.ko',
        'license:        GPL',
        'a_key_of_20_letters_:     x',
        'name:           hello',
        'parm:           bare:no type',
        'parm:           count:int',
        'parm:           who:whom to greet (charp)',
        '',
      ].join('\n'),
    );
  });

  it('the name of a built-in module before it', () => {
    expect(formatModinfo({ ...hello, entries: [], parameters: [] })).toBe(
      'name:           hello\nfilename:       (builtin)\n',
    );
  });

  it('a signature, twenty bytes a line', () => {
    const twenty = `${Array.from({ length: 20 }, () => '0F').join(':')}:`;
    expect(formatModinfo(signed, { fileName: 'x.ko' })).toBe(
      [
        'filename:       x.ko',
        'sig_id:         PKCS#7',
        'signer:         Some key',
        'sig_key:        AA:BB',
        'sig_hashalgo:   sha256',
        `signature:      ${twenty}`,
        `\t\t${twenty}`,
        '\t\t0F',
        '',
      ].join('\n'),
    );
  });

  it('key=value and NULs with -0', () => {
    const entries = hello.entries.filter(({ key }) => !key.startsWith('parm'));
    expect(formatModinfo({ ...hello, entries }, { fileName: 'x.ko', nul: true })).toBe(
      'filename:       x.ko\0license=GPL\0a_key_of_20_letters_=x\0name=hello\0',
    );
  });

  it.each([
    ['license', 'GPL\n'],
    ['parm', 'bare:no type\ncount: (int)\nwho:whom to greet (charp)\n'],
    ['parmtype', 'who:charp\ncount:int\n'],
    ['filename', 'x.ko\n'],
    ['License', ''],
  ])('of the field %s only its values', (field, text) => {
    expect(formatModinfo(hello, { fileName: 'x.ko', field })).toBe(text);
  });
});
