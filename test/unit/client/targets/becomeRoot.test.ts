import { describe, expect, it } from 'vitest';
import { BecomeRoot, type RootAttempt } from '../../../../client/targets/becomeRoot';
import { RootRequiredError } from '../../../../client/targets/errors';
import type { SecretQuestion } from '../../../../client/targets/prompts';
import type { CommandOutcome } from '../../../../client/targets/remoteCommand';
import type { RootWay } from '../../../../client/targets/rootWays';

const refused = (exitCode: number, stderr: string, unanswered?: string): CommandOutcome => ({
  exitCode,
  stdout: Buffer.alloc(0),
  stderr,
  started: false,
  ...(unanswered === undefined ? {} : { unanswered }),
});
const done: CommandOutcome = { ...refused(0, ''), started: true };

/** What is tried, one outcome after the other, and what a person is asked on the way. */
function trying(
  ways: readonly RootWay[],
  outcomes: readonly CommandOutcome[],
  secrets: readonly string[] = [],
) {
  const tried: string[] = [];
  const asked: SecretQuestion[] = [];
  const prompts = {
    confirmHostKey: () => Promise.resolve(undefined),
    secret: (question: SecretQuestion) => Promise.resolve(secrets[asked.push(question) - 1]),
  };
  const root = new BecomeRoot(ways, prompts, 'driver', 'driver@board');
  const left = [...outcomes];
  const run = () =>
    root.run(({ way, answers, terminal }: RootAttempt) => {
      tried.push([way, ...answers, ...(terminal ? ['on a terminal'] : [])].join(' '));
      return Promise.resolve(left.shift() ?? done);
    });
  return { run, tried, asked };
}

describe('Becoming root', () => {
  it.each([
    [
      'does not know the user',
      1,
      'driver is not in the sudoers file.',
      /may not become root through sudo.*Log in as root/,
    ],
    ['fails in another way', 1, 'sudo: unable to stat /etc/sudoers', /unable to stat/],
    ['says nothing', 1, '', /exit code 1/],
  ])('through a sudo that %s is told as that', async (_what, exitCode, stderr, message) => {
    const { run } = trying(['sudo'], [refused(exitCode, stderr)]);
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toThrow(RootRequiredError);
  });

  it('is told to be impossible where there is no way at all', async () => {
    await expect(trying([], []).run()).rejects.toThrow(/no sudo, no doas and no su/);
  });

  it.each(['sudo: a password is required', 'sudo: interactive authentication is required'])(
    'gives a password to a sudo that says %j, and the command runs once',
    async (words) => {
      const { run, tried, asked } = trying(['sudo'], [refused(1, words)], ['secret']);
      expect((await run()).started).toBe(true);
      expect(tried).toEqual(['sudo', 'sudo secret']);
      expect((await run()).started).toBe(true);
      expect(asked).toEqual([{ kind: 'sudo', subject: 'driver@board', attempt: 1 }]);
    },
  );

  it('takes a terminal for a sudo that wants one, and keeps to it', async () => {
    const { run, tried } = trying(['sudo'], [refused(1, 'sudo: sorry, you must have a tty to run sudo')]);
    await run();
    await run();
    expect(tried).toEqual(['sudo', 'sudo on a terminal', 'sudo on a terminal']);
  });

  it('asks the second question of a sudo that has two, in its words', async () => {
    const { run, tried, asked } = trying(
      ['sudo'],
      [refused(1, 'sudo: a password is required'), refused(1, 'x', 'Verification code:')],
      ['secret', '123456'],
    );
    await run();
    expect(tried).toEqual(['sudo', 'sudo secret', 'sudo secret 123456']);
    expect(asked[1]).toEqual({
      kind: 'keyboard-interactive',
      subject: 'driver@board',
      attempt: 1,
      prompt: 'Verification code:',
    });
  });

  it('goes to the next way when one refuses, and never back', async () => {
    const { run, tried, asked } = trying(
      ['sudo', 'doas', 'su'],
      [refused(1, 'driver is not in the sudoers file.'), refused(1, 'doas: Operation not permitted')],
      ["root's"],
    );
    await run();
    await run();
    expect(tried).toEqual(['sudo', 'doas', "su root's on a terminal", "su root's on a terminal"]);
    expect(asked).toEqual([{ kind: 'su', subject: 'root@board', attempt: 1 }]);
  });

  it('gives doas its password on a terminal', async () => {
    const { run, tried } = trying(['doas'], [refused(1, 'doas: Authentication required')], ['secret']);
    await run();
    expect(tried).toEqual(['doas', 'doas secret on a terminal']);
  });

  it('ends after three wrong passwords, and asks anew the next time', async () => {
    const wrong = refused(1, 'su: Authentication failure');
    const { run, asked } = trying(['su'], [wrong, wrong, wrong], ['a', 'b', 'c', 'right']);
    await expect(run()).rejects.toThrow(/refused the password of root 3 times/);
    expect((await run()).started).toBe(true);
    expect(asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 1]);
  });

  it('ends when no password is given', async () => {
    await expect(trying(['su'], []).run()).rejects.toThrow(/no password was given for su/);
  });
});
