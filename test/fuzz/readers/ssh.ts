import { connect } from 'node:net';
import { join } from 'node:path';
import { Askpass } from '../../../client/targets/askpass';
import { ConnectError } from '../../../client/targets/errors';
import { KnownHosts, showsHostKey } from '../../../client/targets/hostKeys';
import { interactiveQuestion } from '../../../client/targets/interactiveQuestion';
import type { Prompts } from '../../../client/targets/prompts';
import { proxyCommand } from '../../../client/targets/sshTransport';
import { parseSshConfig } from '../../../client/targets/sshConfig';
import { explainFault, explainNoCommand } from '../../../client/targets/sshFailure';
import { openPart } from '../../../client/targets/sshKeys';
import { partiesOf } from '../../../client/targets/sshParties';
import { sshQuestions } from '../../../client/targets/sshQuestions';
import { explainSsh } from '../../../client/targets/systemSshFailure';
import { algorithms, unsupportedList } from '../../../client/targets/ssh2Algorithms';
import { SSH_RECIPES } from '../corpus/logs';
import { text, type Reader } from '../reader';

const DEFINITION = { kind: 'ssh', name: 'board', host: 'board' } as const;
const CONFIG = parseSshConfig('', DEFINITION, '/home/somebody');

/** Nobody to ask: each question is answered at once. */
export const PROMPTS: Prompts = {
  confirmHostKey: () => Promise.resolve('once'),
  secret: ({ attempt }) => Promise.resolve(attempt > 3 ? undefined : 'secret'),
};

async function asked(input: Buffer): Promise<void> {
  const prompt = input.toString();
  const answer = sshQuestions({
    config: CONFIG,
    parties: { ...partiesOf([CONFIG]), unmarked: 'anybody', alone: true },
    prompts: PROMPTS,
    step: () => undefined,
    signal: new AbortController().signal,
    patience: () => undefined,
    refused: () => undefined,
    hostKey: () => undefined,
  });
  const signal = new AbortController().signal;
  for (const hint of [undefined, 'confirm']) await answer({ prompt, hint, signal });
  interactiveQuestion(prompt, false, prompt);
}

/** The socket that ssh's asker writes to. */
async function askpass(input: Buffer): Promise<void> {
  const opened = await Askpass.open(({ prompt }) => Promise.resolve(prompt.slice(0, 10)));
  try {
    await new Promise<void>((resolve) => {
      const socket = connect(join(opened.directory, 'q'));
      socket.on('error', () => undefined).on('close', () => resolve());
      socket.resume().end(input);
    });
  } finally {
    await opened.close();
  }
}

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIJqfyUQFVdkGkZ1lQz0mQz0mQz0mQz0mQz0mQz0mQz0m';

export const SSH_READERS: readonly Reader[] = [
  {
    name: 'ssh-questions',
    seeds: [
      text(
        "The authenticity of host 'board (192.168.7.2)' can't be established.",
        'ED25519 key fingerprint is SHA256:abcdef.',
        'This key is not known by any other names.',
        'Are you sure you want to continue connecting (yes/no/[fingerprint])? ',
      ),
      Buffer.from("Enter passphrase for key '/home/somebody/.ssh/id_rsa': "),
      Buffer.from("admin@board's password: "),
      Buffer.from('(admin@board) Verification code: '),
    ],
    words: [
      "authenticity of host '",
      "' can't be established",
      ' key fingerprint is ',
      "Enter passphrase for key '",
      "'s password: ",
      '(',
      ') ',
      '\n',
      'password for ',
      '<',
      '>',
    ],
    run: asked,
  },
  {
    name: 'askpass',
    seeds: [Buffer.from(`${JSON.stringify({ prompt: "admin@board's password: ", hint: 'none' })}\n`)],
    words: ['{', '}', '"prompt":', 'null', '[', '\n', '1e999'],
    run: askpass,
    share: 0.2,
  },
  {
    name: 'ssh-config',
    seeds: [
      text(
        'host board',
        'hostname 192.168.7.2',
        'user root',
        'port 22',
        'identityfile ~/.ssh/id_rsa',
        'identityfile %d/x',
        'proxyjump a@b:22,c',
        'proxycommand ssh -W %h:%p x',
        'ciphers aes128-ctr,aes256-ctr',
        'preferredauthentications publickey,password',
        'userknownhostsfile ~/.ssh/known_hosts /x',
        'controlpath /abc',
        'serveraliveinterval 1',
        'kexalgorithms a,b',
        'sendenv LANG',
      ),
    ],
    words: [
      'identityfile ',
      'proxyjump ',
      'proxycommand ',
      'ciphers ',
      '%h',
      '%%',
      '%C',
      '~/',
      '${HOME}',
      'none',
      'sendenv ',
    ],
    recipes: {
      'values of one keyword': (bytes) => Buffer.alloc(bytes, 'identityfile %d/x\n'),
    },
    run: (input) => {
      const config = parseSshConfig(input.toString(), DEFINITION, '/home/somebody', 'ciphers a\n');
      proxyCommand(config, undefined);
      algorithms(config, ['ssh-ed25519']);
      unsupportedList(config);
    },
    refusals: [ConnectError],
  },
  {
    name: 'known-hosts',
    seeds: [
      text(
        `ssh-ed25519 ${KEY}`,
        `board,192.168.7.* ssh-ed25519 ${KEY}`,
        `@revoked * ssh-ed25519 ${KEY}`,
        `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 ${KEY}`,
        `!board,*a*b*c* ssh-ed25519 ${KEY}`,
        '# comment',
        '256 SHA256:abc root@board (ED25519)',
      ),
      text(
        '-----BEGIN OPENSSH PRIVATE KEY-----',
        Buffer.from('openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01\0\0\0\x01x').toString(
          'base64',
        ),
        '-----END OPENSSH PRIVATE KEY-----',
      ),
    ],
    words: [
      '*',
      '?',
      '!',
      ',',
      '|1|',
      '@revoked ',
      '@cert-authority ',
      ' ssh-ed25519 ',
      KEY,
      '*a',
      '-----BEGIN OPENSSH PRIVATE KEY-----',
    ],
    recipes: {
      'a pattern of many stars': (bytes) => Buffer.from(`x\n${'*a'.repeat(bytes / 2)}b ssh-ed25519 ${KEY}\n`),
      'hashed names': (bytes) =>
        Buffer.from(`x\n${`|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|x ssh-ed25519 ${KEY}\n`.repeat(bytes / 110)}`),
    },
    run: (input) => {
      const said = input.toString('latin1');
      const hosts = KnownHosts.pinned('board', 22, said);
      const key = Buffer.from(KEY, 'base64');
      for (const host of [
        'board',
        'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        '192.168.7.2',
      ]) {
        hosts.decide(host, 2222, key);
        hosts.keyTypes(host, 22);
        hosts.hasAuthority(host, 2222);
      }
      showsHostKey(said, 'SHA256:x');
      openPart(input);
    },
  },
  {
    name: 'ssh-said',
    seeds: [
      text('ssh: Could not resolve hostname board: Name or service not known'),
      text(
        'Unable to negotiate with 1.2.3.4 port 22: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1',
      ),
      text(
        '@@@@',
        'WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!',
        'The fingerprint for the ED25519 key sent by the remote host is',
        'SHA256:abc.',
        'Offending ECDSA key in /home/x/.ssh/known_hosts:3',
        'Host key verification failed.',
      ),
      text(
        'user@board: Permission denied (publickey,password).',
        'Your password has expired.',
        'System is booting up. pam_nologin(8)',
      ),
    ],
    words: [
      'no matching ',
      ' found. Their offer: ',
      'Offending ',
      ' key in ',
      ':3',
      'HAS CHANGED',
      'fingerprint for the ',
      ' key sent by the remote host is',
      'Permission denied',
      'pam_nologin',
      'No ',
      ' host key is known',
      'keyword ',
    ],
    recipes: SSH_RECIPES,
    run: (input) => {
      const said = input.toString();
      explainSsh(said, CONFIG);
      explainNoCommand(said);
      for (const message of [said, 'x']) {
        explainFault(Object.assign(new Error(message), { level: 'handshake' }), 'board', said, said);
      }
    },
  },
];
