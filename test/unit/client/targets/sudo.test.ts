import { describe, expect, it } from 'vitest';
import { RootRequiredError } from '../../../../client/targets/errors';
import type { CommandOutcome } from '../../../../client/targets/remoteCommand';
import { Sudo } from '../../../../client/targets/sudo';

const refused = (exitCode: number, stderr: string): CommandOutcome => ({
  exitCode,
  stdout: Buffer.alloc(0),
  stderr,
  started: false,
  asked: 0,
});
const sudo = (answer?: string): Sudo =>
  new Sudo(
    { confirmHostKey: () => Promise.resolve(undefined), secret: () => Promise.resolve(answer) },
    'driver',
    'driver@board',
  );

describe('Sudo', () => {
  it.each([
    ['is not installed', 127, 'sh: 1: exec: sudo: not found', /no sudo/],
    [
      'does not know the user',
      1,
      'driver is not in the sudoers file.',
      /may not become root.*Log in as root/,
    ],
    ['wants a terminal', 1, 'sudo: sorry, you must have a tty to run sudo', /!requiretty/],
    ['fails in another way', 1, 'sudo: unable to stat /etc/sudoers', /unable to stat/],
    ['says nothing', 1, '', /exit code 1/],
  ])('that %s is told as that', async (_what, exitCode, stderr, message) => {
    const run = sudo().run(() => Promise.resolve(refused(exitCode, stderr)));
    await expect(run).rejects.toThrow(RootRequiredError);
    await expect(run).rejects.toThrow(message);
  });

  it.each(['sudo: a password is required', 'sudo: interactive authentication is required'])(
    'that says %j is given one, and the command runs once',
    async (words) => {
      const given: (string | undefined)[] = [];
      const outcome = await sudo('secret').run((password) => {
        given.push(password);
        return Promise.resolve(
          password === undefined ? refused(1, words) : { ...refused(0, ''), started: true },
        );
      });
      expect(outcome.started).toBe(true);
      expect(given).toEqual([undefined, 'secret']);
    },
  );
});
