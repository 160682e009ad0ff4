import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHECKSUM_TOOLS, parseChecksumLine, posixChecksum } from '../../../../client/targets/checksum';

it.each([0, 1, 255, 256, 65_537, 1_000_003])('posixChecksum of %i bytes is that of cksum', (size) => {
  const data = randomBytes(size);
  const [checksum, bytes] = execFileSync('cksum', { input: data, encoding: 'utf8' }).split(' ');
  expect([posixChecksum(data), size]).toEqual([Number(checksum), Number(bytes)]);
});

it.each(CHECKSUM_TOOLS)(
  '$program prints of a file, and of stdin, what is reckoned here',
  ({ program, of }) => {
    const data = readFileSync(__filename);
    const print = (argv: string[], input: Buffer | string): string =>
      execFileSync(program, argv, { input, encoding: 'utf8' }).trimEnd();
    expect(parseChecksumLine(print([__filename], ''))).toEqual({ checksum: of(data), file: __filename });
    expect(parseChecksumLine(print([], data))?.checksum).toBe(of(data));
  },
);

it('a line of something else is no checksum', () => {
  expect(parseChecksumLine('cksum: hello: No such file or directory')).toBeUndefined();
});
