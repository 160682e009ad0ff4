import { expect, it } from 'vitest';
import { formatSeconds, plainSentence } from '../../../../client/views/format';

it('formatSeconds shows milliseconds as tenths of a second', () => expect(formatSeconds(432)).toBe('0.4 s'));

it('plainSentence leaves nothing of which a notification makes a link or a new line', () => {
  expect(plainSentence('insmod: [fix it](command:workbench.action.quit)\n\u202eno')).toBe(
    'insmod: [fix it] (command:workbench.action.quit) \ufffdno',
  );
});
