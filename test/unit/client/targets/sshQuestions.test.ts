import { describe, expect, it } from 'vitest';
import { parseSshConfig, type SshConfig } from '../../../../client/targets/sshConfig';
import { marksFrom, partiesOf, type SshParties } from '../../../../client/targets/sshParties';
import { sshQuestions } from '../../../../client/targets/sshQuestions';
import { Person } from '../../../ssh/opening';

const configOf = (host: string, user: string, port = 22): SshConfig => ({
  ...parseSshConfig('', { kind: 'ssh', name: host, host, user, port }, '/home/me'),
  identityFiles: [`/home/me/.ssh/${host}`],
});

const board = configOf('board', 'root');
const NEW: SshParties = {
  ...partiesOf([board, configOf('gate', 'me', 2222)]),
  unmarked: 'ssh',
  alone: false,
};
const OLD: SshParties = { ...NEW, unmarked: 'anybody' };
const OLD_ALONE: SshParties = { ...partiesOf([board]), unmarked: 'anybody', alone: true };

async function asked(prompt: string, parties: SshParties) {
  const person = new Person({ hostKey: 'once', secrets: ['secret'] });
  const signal = new AbortController().signal;
  const ask = sshQuestions({
    config: board,
    parties,
    prompts: person,
    step: undefined,
    signal,
    patience: () => undefined,
    refused: () => undefined,
  });
  await ask({ prompt, hint: undefined, signal });
  const [question] = person.questions;
  return person.keys.length > 0 ? 'host key' : `${question?.kind} ${question?.subject}`;
}

const HOST_KEY = `The authenticity of host 'github.com (1.2.3.4)' can't be established.
ED25519 key fingerprint is SHA256:x.
Are you sure you want to continue connecting (yes/no)? `;

describe('a question of ssh', () => {
  it.each([
    ["root@board's password: ", 'password root@board'],
    ["me@gate's password: ", 'password me@gate:2222'],
    ['(root@board) Password: ', 'password root@board'],
    ["Enter passphrase for key '/home/me/.ssh/gate': ", 'passphrase /home/me/.ssh/gate'],
    [HOST_KEY, 'host key'],
    // What is of no host and no key of this target's.
    ["admin@bank's password: ", 'keyboard-interactive root@board'],
    ['(admin@bank) Password: ', 'keyboard-interactive root@board'],
    ["Enter passphrase for key '/home/me/.ssh/other': ", 'keyboard-interactive root@board'],
    // What the server itself wrote.
    ["(root@board) Enter passphrase for key '/home/me/.ssh/gate': ", 'keyboard-interactive root@board'],
    [`(root@board) ${HOST_KEY}`, 'keyboard-interactive root@board'],
  ])('that marks its server, %j, is asked as %s', async (prompt, what) => {
    expect(await asked(prompt, NEW)).toBe(what);
  });

  it.each([
    "root@board's password: ",
    "me@gate's password: ",
    'Password: ',
    "Enter passphrase for key '/home/me/.ssh/board': ",
    "Enter passphrase for key '/home/me/.ssh/gate': ",
    HOST_KEY,
    "admin@bank's password: ",
  ])('that any of several hosts may have written, %j, is a person’s to answer', async (prompt) => {
    expect(await asked(prompt, OLD)).toBe('keyboard-interactive root@board');
  });

  it('is answered with the password of the one host that gets it, and with nothing else', async () => {
    expect(await asked("root@board's password: ", OLD_ALONE)).toBe('password root@board');
    for (const prompt of [HOST_KEY, "Enter passphrase for key '/home/me/.ssh/board': ", "a@b's password: "]) {
      expect(await asked(prompt, OLD_ALONE)).toBe('keyboard-interactive root@board');
    }
  });

  it('with the name of two hosts is a person’s to answer', async () => {
    const two = partiesOf([board, configOf('board', 'root', 2222)]);
    expect(await asked("root@board's password: ", { ...NEW, ...two })).toBe(
      'keyboard-interactive root@board',
    );
  });

  it('of 64 KB is read in no time', async () => {
    for (const text of [
      "The authenticity of host '",
      'a key fingerprint is ',
      "x's password: ",
      'password for ',
    ]) {
      expect(await asked(text.repeat(5000).slice(0, 65_536), NEW)).toBe('keyboard-interactive root@board');
    }
  });
});

it.each([
  ['OpenSSH_7.6p1 Ubuntu-4ubuntu0.7, OpenSSL 1.0.2n', false],
  ['OpenSSH_8.4p1 Debian-5, OpenSSL 1.1.1k', false],
  ['OpenSSH_8.5p1, OpenSSL 1.1.1k', true],
  ['OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15', true],
  ['OpenSSH_10.0p2, LibreSSL 3.9.0', true],
  ['Sun_SSH_1.5', false],
  ['', false],
])('an ssh that says %j marks what servers ask: %s', (version, marks) => {
  expect(marksFrom(version)).toBe(marks);
});
