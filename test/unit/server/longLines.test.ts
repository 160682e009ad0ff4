import { expect, it } from 'vitest';
import { open } from './harness';

const WORDS = 1 << 14;
const line = (words: number): string => `options a ${'b=1 '.repeat(words)}`;

it('checks all of a line as long as a list may be, and says where it stops in a longer one', async () => {
  const whole = await open(line(WORDS));
  expect(whole.service.validate(whole.document).map(({ code }) => code)).not.toContain(undefined);
  const longer = await open(`${line(WORDS + 1)}\nbogus\n`);
  const found = longer.service.validate(longer.document);
  expect(found[0]).toMatchObject({
    message: 'The line is too long: what is behind this place is not checked',
    range: { start: { line: 0, character: 'options a '.length + 4 * WORDS } },
  });
  expect(found.at(-1)).toMatchObject({ code: 'unknown-command', range: { start: { line: 1 } } });
});

it('says that of no command: all of it is looked at', async () => {
  const { service, document } = await open(`install a ${'modprobe b; '.repeat(WORDS)}`);
  expect(service.validate(document).map(({ message }) => message)).not.toContain(
    'The line is too long: what is behind this place is not checked',
  );
});

it('tells the first 100 problems of a line', async () => {
  const { service, document } = await open(line(1000));
  const found = service.validate(document).filter(({ code }) => code === 'parameter-overridden');
  expect(found).toHaveLength(100);
});

it('tells as many problems as are asked for, the first ones', async () => {
  const { service, document } = await open('bogus\n'.repeat(10));
  expect(service.validate(document, 3)).toEqual(service.validate(document).slice(0, 3));
  expect(service.validate(document)).toHaveLength(10);
  const long = await open(`${line(WORDS + 1)}\n`.repeat(3));
  expect(long.service.validate(long.document, 2)).toHaveLength(2);
});
