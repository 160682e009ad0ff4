import { expect, it } from 'vitest';
import type { TargetState } from '../../../../client/targets/targetManager';
import { presentState } from '../../../../client/views/presentState';

it('a target whose host key is not checked says so as long as it is connected', () => {
  const board = { kind: 'ssh', name: 'board', host: 'b' } as const;
  for (const activity of [
    { kind: 'ready' },
    { kind: 'busy', command: 'insmod', since: 0 },
    { kind: 'unresponsive', since: 0 },
  ]) {
    const state = { kind: 'connected', target: {}, facts: {}, activity } as unknown as TargetState;
    expect(presentState({ ...board, ephemeralHostKey: true }, state)).toMatchObject({
      short: expect.stringContaining('host key not checked'),
      text: expect.stringContaining('host key not checked'),
      warns: true,
    });
    expect(presentState(board, state).text).not.toContain('host key');
  }
});
