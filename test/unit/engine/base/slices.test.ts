import { expect, it } from 'vitest';
import { inSlices } from '../../../../engine/base/slices';
import { finish, type Steps } from '../../../../kmod/steps';

function* counted(steps: number): Steps<number> {
  for (let step = 0; step < steps; step += 1) {
    const until = performance.now() + 5;
    while (performance.now() < until) {
      // Work.
    }
    yield;
  }
  return steps;
}

it('lets others run between the slices of work', async () => {
  let others = 0;
  const timer = setInterval(() => (others += 1), 1);
  expect(await inSlices(counted(40))).toBe(40);
  clearInterval(timer);
  expect(others).toBeGreaterThan(4);
});

it('is done without a pause where that is wanted', () => {
  expect(finish(counted(2))).toBe(2);
});
