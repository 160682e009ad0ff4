import { expect, it } from 'vitest';
import { pollInterval } from '../../../../engine/base/settingForms';

it.each([
  [0, 0],
  [5, 5000],
  [0.5, 1000],
  [1e-9, 1000],
  [3600, 3_600_000],
  [-1, 5000],
  [1e9, 5000],
  [NaN, 5000],
  ['1', 5000],
  [undefined, 5000],
])('a refresh interval of %s seconds is one of %d ms', (seconds, milliseconds) => {
  expect(pollInterval(seconds)).toBe(milliseconds);
});
