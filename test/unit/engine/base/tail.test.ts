import { expect, it } from 'vitest';
import { Tail } from '../../../../engine/base/tail';

it('the end of a text is kept, however it comes', () => {
  const tail = new Tail(5);
  tail.push('abc');
  expect(tail.text).toBe('abc');
  for (const piece of ['defghijklm', 'n', 'o', '']) {
    tail.push(piece);
  }
  expect(tail.text).toBe('klmno');
  tail.clear();
  expect(tail.text).toBe('');
});
