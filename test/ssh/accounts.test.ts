import { describe, expect, it } from 'vitest';
import { CommandRefusedError, type ConnectError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import { useLoginServer } from './loginServer';
import { authorize, makeUser, runAsRoot, startSshd, type TestUser } from './machine';
import { connectFailure, FOR_SSH_ITSELF, type Opening, Person, worksAs } from './opening';

const { perTest, here, open: openAs } = useLoginServer({ settings: ['UsePAM yes'] });

/** A user of whom something is different, by a program that takes the name last. */
function userWith(...argv: readonly string[]): TestUser {
  const user = makeUser(perTest);
  authorize(user, `${here.login}.pub`);
  if (argv.length > 0) {
    runAsRoot([...argv, user.name]);
  }
  return user;
}

const open = (user: TestUser, options: Partial<Opening> = {}): Promise<Target> =>
  openAs({
    user: user.name,
    prompts: new Person({ hostKey: 'once', secrets: Array<string>(3).fill(user.password) }),
    ...options,
  });
const failure = (user: TestUser, options: Partial<Opening>): Promise<ConnectError> =>
  connectFailure(open(user, options));

/** The ways to log in, each with ssh2 and with the system's ssh. */
const onlyBy = (method: string): Partial<Opening> => ({
  config: {
    refusedMethods: ['publickey', 'keyboard-interactive', 'password'].filter((other) => other !== method),
  },
});
const bySshItself = (...lines: string[]): Partial<Opening> => ({
  configLines: [...FOR_SSH_ITSELF, ...lines],
});
const WAYS: readonly (readonly [string, Partial<Opening>])[] = [
  ['a key', onlyBy('publickey')],
  ['keyboard-interactive', onlyBy('keyboard-interactive')],
  ['a password', onlyBy('password')],
  ["a key, through the system's ssh", bySshItself()],
  [
    "keyboard-interactive, through the system's ssh",
    bySshItself('PubkeyAuthentication no', 'PasswordAuthentication no'),
  ],
];

describe('an account', () => {
  it.each(WAYS)('that has expired is told in the words of PAM, with %s', async (_way, options) => {
    const { message } = await failure(userWith('chage', '--expiredate', '1'), options);
    expect(message).toContain('It said: Your account has expired; please contact your system administrator.');
    expect(message).not.toContain('Is the port right?');
  });

  it.each(WAYS)('that may not log in for now is told as that, with %s', async (_way, options) => {
    const user = userWith();
    const closed = await startSshd(perTest, {
      hostKeys: [here.host],
      settings: ['UsePAM yes'],
      on: { etc: { nologin: 'The lab is closed.\nSystem is going down.\n' } },
    });
    const error = await failure(user, { port: closed.port, ...options });
    expect(error.kind).toBe('refused');
    expect(error.message).toContain(
      'it lets in nobody but root for now. It says: The lab is closed. System is going down.',
    );
  });

  it('that PAM has locked is told in its words, where it asked for a password', async () => {
    const user = userWith();
    const locked = await startSshd(perTest, {
      hostKeys: [here.host],
      settings: ['UsePAM yes', 'PasswordAuthentication no'],
      on: {
        etc: {
          'pam.d/sshd': [
            'auth required pam_unix.so',
            'account required pam_echo.so The account %u is locked, ask the lab.',
            'account required pam_deny.so',
            '',
          ].join('\n'),
        },
      },
    });
    const { message } = await failure(user, { port: locked.port, ...onlyBy('keyboard-interactive') });
    expect(message).toContain(`It said: The account ${user.name} is locked, ask the lab.`);
  });
});

describe('a password that has to be changed', () => {
  const NEW = 'Quite-Another 4711!';

  it('is changed where the server asks for it', async () => {
    const user = userWith('chage', '--lastday', '0');
    const { password } = user;
    const prompts = new Person({ hostKey: 'once', secrets: [password, password, NEW, NEW] });
    await worksAs(await open(user, { prompts, ...onlyBy('keyboard-interactive') }), user.name);
    expect(prompts.questions.map(({ kind, prompt, attempt }) => [kind, prompt, attempt])).toEqual([
      ['password', 'Password:', 1],
      ['keyboard-interactive', 'Current password:', 1],
      ['keyboard-interactive', 'New password:', 1],
      ['keyboard-interactive', 'Retype new password:', 1],
    ]);
    expect(prompts.questions[1]?.said).toContain('You are required to change your password immediately');
    const again = new Person({ hostKey: 'once', secrets: [NEW] });
    await worksAs(await open(user, { prompts: again, ...onlyBy('keyboard-interactive') }), user.name);
  });

  it.each([
    ['ssh2', {}],
    ["the system's ssh", bySshItself()],
  ])('is told with the way out where it does not, by %s', async (_by, options) => {
    const target = await open(userWith('chage', '--lastday', '0'), options);
    await expect(target.run(['true'])).rejects.toThrow(
      /the password of its user has to be changed first: log in with ssh in a terminal/,
    );
  });
});

describe('a login that runs no command', () => {
  it.each([
    ['ssh2', {}],
    ["the system's ssh", bySshItself()],
  ])('for its shell is nologin is told with what that says, by %s', async (_by, options) => {
    const target = await open(userWith('usermod', '--shell', '/usr/sbin/nologin'), options);
    const error = await refusal(target);
    expect(error.message).toContain('did not start uname: ');
    expect(error.message).toContain('(it says: This account is currently not available.)');
  });

  it.each([
    ['ssh2', {}],
    ["the system's ssh", bySshItself()],
  ])('for the server forces another one is told with what that says, by %s', async (_by, options) => {
    const forced = await startSshd(perTest, {
      hostKeys: [here.host],
      settings: ['ForceCommand echo "Backups only."'],
    });
    const error = await refusal(await open(userWith(), { port: forced.port, ...options }));
    expect(error.message).toContain(
      'a command is forced on the key or by the server (it says: Backups only.)',
    );
  });

  async function refusal(target: Target): Promise<Error> {
    const error = await target.run(['uname', '-r']).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommandRefusedError);
    return error as Error;
  }
});

it.each([
  ['ssh2', {}],
  ["the system's ssh", bySshItself()],
])('a server that allows one channel at a time is good enough, by %s', async (_by, options) => {
  const narrow = await startSshd(perTest, { hostKeys: [here.host], settings: ['MaxSessions 1'] });
  const user = userWith();
  const target = await open(user, { port: narrow.port, ...options });
  await Promise.all(Array.from({ length: 5 }, () => worksAs(target, user.name)));
});
