import { expect, it } from 'vitest';
import { formatSeconds } from '../../../../client/views/format';

it('formatSeconds shows milliseconds as tenths of a second', () => expect(formatSeconds(432)).toBe('0.4 s'));
