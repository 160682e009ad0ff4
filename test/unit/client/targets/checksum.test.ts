import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { posixChecksum } from '../../../../client/targets/checksum';

it.each([0, 1, 255, 256, 65_537, 1_000_003])('posixChecksum of %i bytes is that of cksum', (size) => {
  const data = randomBytes(size);
  const [checksum, bytes] = execFileSync('cksum', { input: data, encoding: 'utf8' }).split(' ');
  expect([posixChecksum(data), size]).toEqual([Number(checksum), Number(bytes)]);
});
