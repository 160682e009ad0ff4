import { describe, expect, it } from 'vitest';
import { LogWindow } from '../../../../client/kernel/logWindow';

function shownOf(count: number): (number | string)[] {
  const shown: (number | string)[] = [];
  const window = new LogWindow<number>({
    line: (line) => shown.push(line),
    leftOut: (left) => shown.push(`${left} left out`),
  });
  for (let line = 0; line < count; line += 1) {
    window.take(line);
  }
  window.flush();
  return shown;
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('LogWindow', () => {
  it('shows every line of a log that can be read', () => {
    expect(shownOf(1500)).toEqual(range(0, 1500));
  });

  it('shows a little more than fits, too', () => {
    expect(shownOf(2100)).toEqual(range(0, 2100));
    expect(shownOf(2500)).toEqual(range(0, 2500));
  });

  it('shows the first and the last lines of a flood, in their order, and how many are not', () => {
    expect(shownOf(12_345)).toEqual([...range(0, 2000), '9845 left out', ...range(11_845, 12_345)]);
  });
});
