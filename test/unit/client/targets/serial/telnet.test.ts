import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Telnet } from '../../../../../client/targets/serial/telnet';

const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240];
const [BINARY, ECHO, STATUS, COM_PORT] = [0, 1, 5, 44];

/** What is read of these bytes, and what is answered to them. */
function read(...chunks: readonly (readonly number[])[]): { data: string; answers: number[] } {
  const answers: number[] = [];
  const telnet = new Telnet((bytes) => answers.push(...bytes));
  const data = Buffer.concat(chunks.map((chunk) => telnet.take(Buffer.from(chunk))));
  return { data: data.toString('latin1'), answers };
}
const text = (characters: string): number[] => [...Buffer.from(characters, 'latin1')];

describe('a terminal server that speaks telnet', () => {
  it('may echo and pass bytes as they are, and nothing else', () => {
    expect(
      read([IAC, WILL, ECHO, IAC, DO, BINARY, IAC, WILL, STATUS, IAC, DO, COM_PORT], text('login: ')),
    ).toEqual({
      data: 'login: ',
      answers: [IAC, DO, ECHO, IAC, WILL, BINARY, IAC, DONT, STATUS, IAC, WONT, COM_PORT],
    });
  });

  it('is answered once, and when it takes something back', () => {
    expect(
      read([IAC, WILL, ECHO, IAC, WILL, ECHO, IAC, WONT, ECHO, IAC, WONT, ECHO, IAC, DONT, BINARY]).answers,
    ).toEqual([...[IAC, DO, ECHO], ...[IAC, DONT, ECHO]]);
  });

  it('says other things, which are not the console’s', () => {
    const [NOP, BREAK] = [241, 243];
    const begin = [IAC, WILL, ECHO];
    expect(
      read(
        begin,
        [IAC, NOP],
        text('a'),
        [IAC, SB, COM_PORT, 1, IAC, IAC, 2, IAC, SE],
        text('b'),
        [IAC, BREAK],
        text('c'),
      ).data,
    ).toBe('abc');
  });

  it('pads a return with NUL, until it passes bytes as they are', () => {
    expect(read([IAC, WILL, ECHO], text('a\r\0b\r\n'), [IAC, WILL, BINARY], text('c\r\0')).data).toBe(
      'a\rb\r\nc\r\0',
    );
  });

  it('gets a return padded with NUL, until it wants bytes as they are', () => {
    const telnet = new Telnet(() => undefined);
    telnet.take(Buffer.from([IAC, WILL, ECHO]));
    expect(telnet.typed('ls\r')).toBe('ls\r\0');
    telnet.take(Buffer.from([IAC, DO, BINARY]));
    expect(telnet.typed('ls\r')).toBe('ls\r');
  });

  it('is understood however its bytes are cut into packets', () => {
    const piece = fc.oneof(
      fc.string().map(text),
      fc.constantFrom(
        [IAC, IAC],
        [IAC, WILL, ECHO],
        [IAC, DO, STATUS],
        [IAC, SB, STATUS, 7, IAC, SE],
        [13, 0],
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(64)), (pieces, cuts) => {
        const bytes = [IAC, WILL, BINARY, ...pieces.flat()];
        const chunks: number[][] = [];
        let at = 0;
        for (const length of cuts) {
          chunks.push(bytes.slice(at, at + length));
          at += length;
        }
        expect(read(...chunks, bytes.slice(at))).toEqual(read(bytes));
      }),
    );
  });
});

it('a raw port has bytes of the console alone, whatever they are', () => {
  fc.assert(
    fc.property(fc.nat(255), fc.array(fc.uint8Array({ minLength: 1 })), (noise, chunks) => {
      const raw = [[noise], [0x55], ...chunks.map((chunk) => [...chunk])];
      expect(read(...raw)).toEqual({ data: Buffer.from(raw.flat()).toString('latin1'), answers: [] });
    }),
  );
  expect(new Telnet(() => undefined).typed('ls\r')).toBe('ls\r');
});
