import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../../../kmod/text';

describe('text of unknown encoding', () => {
  it('is read as UTF-8', () => {
    expect(decodeText(Buffer.from('Łukasz Müller 🐧'))).toBe('Łukasz Müller 🐧');
  });

  it('keeps a byte that is no UTF-8 beside characters that are', () => {
    const text = decodeText(Buffer.from([0x4d, 0xfc, 0x6c, 0xc3, 0xbc]));
    expect(text).toBe('M\udcfclü');
    expect([...encodeText(text)]).toEqual([0x4d, 0xfc, 0x6c, 0xc3, 0xbc]);
  });

  it('keeps every character of a text that holds one wrong byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeText(Buffer.concat([Buffer.from(text), Buffer.of(0xff)]))).toBe(`${text}\udcff`);
      }),
      { numRuns: 1000 },
    );
  });

  it('survives JSON, as a language server sends it', () => {
    const bytes = Buffer.from([0xff, 0x41, 0xed, 0xb2, 0x80]);
    const sent = JSON.parse(JSON.stringify(decodeText(bytes))) as string;
    expect(Buffer.from(encodeText(sent))).toEqual(bytes);
  });

  it('gives back the bytes it was read from, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect([...encodeText(decodeText(bytes))]).toEqual([...bytes]);
      }),
      { numRuns: 2000 },
    );
  });
});
