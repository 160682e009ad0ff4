import { describe, expect, it } from 'vitest';
import type { TargetDefinition } from '../../../../../client/targets/definition';
import type { TargetState } from '../../../../../client/targets/targetManager';
import { awayProblem } from '../../../../../client/views/moduleViewer/targetProblem';

const BOARD: TargetDefinition = { kind: 'ssh', name: 'board', host: '192.168.7.2', user: 'root' };
const problem = (state: TargetState, definition: TargetDefinition | undefined = BOARD) =>
  awayProblem({ target: 'board', module: 'hello' }, definition, state);

describe('the page of a module whose target is away', () => {
  it('says that it is not connected, and offers to connect', () => {
    expect(problem({ kind: 'disconnected' })).toMatchObject({
      title: 'hello of board is not read',
      message: 'board: not connected · root@192.168.7.2',
      action: 'connect',
    });
  });

  it('offers nothing while it connects', () => {
    const connecting = problem({ kind: 'connecting', step: undefined });
    expect(connecting?.message).toBe('board: connecting…');
    expect(connecting).not.toHaveProperty('action');
  });

  it('says why it was not reached', () => {
    const error = new Error('port 22: connection refused.');
    expect(problem({ kind: 'failed', error })).toMatchObject({
      message: 'board: not reached · root@192.168.7.2\nport 22: connection refused.',
      action: 'connect',
    });
  });

  it('says that there is no such target any more, and offers nothing', () => {
    const gone = awayProblem({ target: 'board', module: 'hello' }, undefined, { kind: 'disconnected' });
    expect(gone?.message).toBe('There is no target board any more.');
    expect(gone).not.toHaveProperty('action');
  });
});
