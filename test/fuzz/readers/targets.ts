import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuildOutput } from '../../../client/build/buildOutput';
import { readKbuildFile } from '../../../client/build/kbuildProject';
import { Askpass } from '../../../client/targets/askpass';
import { BecomeRoot, ROOT_QUESTIONS } from '../../../client/targets/becomeRoot';
import { readTargets } from '../../../client/targets/definition';
import {
  ConnectError,
  OutputLimitError,
  RootRequiredError,
  TargetLostError,
} from '../../../client/targets/errors';
import { KnownHosts, showsHostKey } from '../../../client/targets/hostKeys';
import { interactiveQuestion } from '../../../client/targets/interactiveQuestion';
import type { Prompts } from '../../../client/targets/prompts';
import { proxyCommand } from '../../../client/targets/sshTransport';
import { runCommand, type CommandChannel } from '../../../client/targets/remoteCommand';
import { ResidentShell } from '../../../client/targets/residentShell';
import { SerialConsole } from '../../../client/targets/serial/serialConsole';
import { Telnet } from '../../../client/targets/serial/telnet';
import { parseSshConfig } from '../../../client/targets/sshConfig';
import { explainFault, explainNoCommand } from '../../../client/targets/sshFailure';
import { openPart } from '../../../client/targets/sshKeys';
import { sshQuestions } from '../../../client/targets/sshQuestions';
import { explainSsh } from '../../../client/targets/systemSshFailure';
import { TerminalChannel } from '../../../client/targets/terminalChannel';
import { algorithms, unsupportedList } from '../../../client/targets/ssh2Algorithms';
import { CONSOLE_RECIPES, SSH_RECIPES } from '../corpus/logs';
import { chunksOf } from '../chunks';
import { text, type Reader } from '../reader';
import { filesIn } from '../sections';

const DEFINITION = { kind: 'ssh', name: 'board', host: 'board' } as const;
const CONFIG = parseSshConfig('', DEFINITION, '/home/somebody');

/** Nobody to ask: each question is answered at once. */
const PROMPTS: Prompts = {
  confirmHostKey: () => Promise.resolve('once'),
  secret: ({ attempt }) => Promise.resolve(attempt > 3 ? undefined : 'secret'),
};

/** A channel of which the other side says what the input is. */
class SaidChannel extends EventEmitter implements CommandChannel {
  readonly stderr = new EventEmitter();
  write(): void {}
  end(): void {}
  signal(): void {}
  close(): void {}
}

/** Has a command's stderr, before the program runs, be what the input is. */
async function askedForRoot(input: Buffer): Promise<void> {
  const becoming = new BecomeRoot(['sudo', 'doas', 'su'], PROMPTS, 'user', 'user@board');
  await becoming.run(async ({ answers }) => {
    const channel = new SaidChannel();
    const outcome = runCommand(
      {
        lost: new AbortController().signal,
        open: (follow) => follow(channel),
        signalTree: () => Promise.resolve(),
        lose: (reason) => new TargetLostError('board', reason),
      },
      {
        argv: ['true'],
        mark: 'kmod-mark:',
        stdin: undefined,
        questions: { ...ROOT_QUESTIONS('kmod-abc?'), answers },
        holdStdin: false,
        timeoutMs: undefined,
        maxOutputBytes: 1 << 20,
        signals: [],
      },
    );
    for (const chunk of chunksOf(input)) channel.stderr.emit('data', chunk);
    channel.emit('exit', 1);
    channel.emit('close');
    return outcome;
  });
}

async function asked(input: Buffer): Promise<void> {
  const prompt = input.toString();
  const answer = sshQuestions({
    config: CONFIG,
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

/** A build in a directory with a source. */
async function build(input: Buffer): Promise<void> {
  const files = filesIn(input);
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-build-'));
  try {
    mkdirSync(join(directory, 'sub'));
    writeFileSync(join(directory, 'hello.c'), files.get('hello.c') ?? '');
    writeFileSync(join(directory, 'Kbuild'), files.get('Kbuild') ?? '');
    const kbuild = await readKbuildFile(directory);
    const output = new BuildOutput({ directory, kernelDirectory: '/nowhere', kbuild });
    for (const line of (files.get('') ?? Buffer.of()).toString().split('\n')) output.line(line);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIJqfyUQFVdkGkZ1lQz0mQz0mQz0mQz0mQz0mQz0mQz0m';

export const TARGET_READERS: readonly Reader[] = [
  {
    name: 'root-prompts',
    seeds: [
      text(
        'We trust you have received the usual lecture',
        '[sudo] password for user: Sorry, try again.',
        'kmod-abc?',
      ),
      text('sudo: a password is required'),
      text('user is not in the sudoers file.  This incident will be reported.'),
      text('doas (user@board) password: ', 'doas: Authentication failed'),
      text('Verification code: '),
      text('kmod-mark:123', 'rest'),
    ],
    words: [
      'password',
      'pin',
      'code',
      'token',
      'otp',
      ': ',
      'kmod-abc?',
      'kmod-mark:',
      '\n',
      '\r',
      'incorrect password',
      ' is required',
      'must have a tty',
    ],
    recipes: {
      'words that begin a question': (bytes) => Buffer.alloc(bytes, 'pin'),
      letters: (bytes) => Buffer.alloc(bytes, 'x'),
      'blanks before a refusal': (bytes) => Buffer.concat([Buffer.alloc(bytes, ' '), Buffer.from('x')]),
    },
    run: askedForRoot,
    refusals: [RootRequiredError, OutputLimitError, TargetLostError],
  },
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
    name: 'resident-shell',
    seeds: [
      Buffer.from('motd\nkmod-mark.1=0\noutput\nkmod-mark.2=0\n'),
      Buffer.from('kmod-mark.1=0\nkmod-mark=123\n kmod-mark.2=1\n'),
    ],
    words: ['kmod-mark.1=0\n', 'kmod-mark.2=0\n', 'kmod-mark.2=', 'kmod-mark', '\n', 'kmod-mar'],
    run: (input) => {
      const channel = new SaidChannel();
      const shell = new ResidentShell(channel, 'kmod-mark=');
      for (const stream of [channel, channel.stderr]) stream.emit('data', Buffer.from('kmod-mark.1=0\n'));
      const command = shell.start({ text: 'true', answers: false });
      command.on('data', () => undefined);
      for (const chunk of chunksOf(input)) {
        channel.emit('data', chunk);
        channel.stderr.emit('data', chunk);
      }
      channel.emit('close');
    },
  },
  {
    name: 'terminal',
    seeds: [Buffer.from('[sudo] password: \r\nkmod-begin:123\r\noutput\nkmod-end:0\r\n')],
    words: ['kmod-begin:', 'kmod-end:', 'kmod-', '\r\n', '\n'],
    recipes: {
      'a mark without a line end': (bytes) =>
        Buffer.concat([Buffer.from('kmod-begin:'), Buffer.alloc(bytes, 'x')]),
    },
    run: (input) => {
      const channel = new SaidChannel();
      const terminal = new TerminalChannel(channel, { begin: 'kmod-begin:', end: 'kmod-end:' });
      terminal.stderr.resume();
      for (const chunk of chunksOf(input)) channel.emit('data', chunk);
      channel.emit('close');
    },
    maxBytes: 1 << 20,
  },
  {
    name: 'serial-console',
    seeds: [
      text(
        '[    0.000000] Linux version 6.1.0',
        'login: \r\r',
        'Kernel panic - not syncing: Fatal exception\r',
      ),
    ],
    words: ['\r', '\n', 'Kernel panic - not syncing: ', '[    0.0', '\u001b['],
    recipes: CONSOLE_RECIPES,
    run: (input) => {
      const console = new SerialConsole();
      console.onLine(() => undefined);
      for (const chunk of chunksOf(input)) console.take(chunk.toString('latin1'));
      console.take(input.toString());
      return console.panic;
    },
  },
  {
    name: 'telnet',
    seeds: [
      Buffer.from([255, 251, 1, 255, 253, 3, 104, 105, 13, 0, 255, 250, 24, 1, 255, 240, 255, 255, 10]),
    ],
    words: ['\xff', '\xff\xfb', '\xff\xfa', '\xff\xf0', '\r\0'],
    run: (input) => {
      const telnet = new Telnet(() => undefined);
      for (const chunk of chunksOf(input)) telnet.take(chunk);
      telnet.typed(input.toString());
    },
    share: 0.5,
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
  {
    name: 'targets-setting',
    seeds: [
      Buffer.from(
        JSON.stringify([
          {
            name: 'a',
            host: 'b',
            port: 22,
            user: 'c',
            build: { arch: 'arm64' },
            serialConsole: { device: '/dev/ttyS0', baudRate: 9600 },
          },
          { kind: 'scratch', name: 's', memory: 512, qemuArguments: ['-x'] },
          { kind: 'local', name: 'l' },
        ]),
      ),
    ],
    words: ['"__proto__":', '"constructor"', 'null', '[]', '{}', '1e999', ',{"name":"a","host":"b"}'],
    recipes: {
      'many targets': (bytes) =>
        Buffer.from(
          `[${Array.from({ length: bytes / 28 }, (_, index) => `{"name":"n${index}","host":"b"}`).join(',')}]`,
        ),
    },
    run: (input) => {
      let value: unknown;
      try {
        value = JSON.parse(input.toString());
      } catch {
        return;
      }
      readTargets(value);
    },
    share: 0.5,
  },
  {
    name: 'build-output',
    seeds: [
      text(
        "make: Entering directory '/usr/src/linux'",
        'hello.c:1:2: error: expected expression',
        '/x/hello.c:12: warning: x',
        'ERROR: modpost: "one" [/x/hello.ko] undefined!',
        'WARNING: modpost: missing MODULE_LICENSE() in hello.o',
        'WARNING: modpost: vmlinux.o(.text+0x1): section mismatch in reference: x',
        'make[1]: *** [Makefile:1: x] Error 2',
        'make: *** No rule to make target',
        '/bin/sh: 1: foo: not found',
        "make: Leaving directory '/usr/src/linux'",
        '@@ hello.c',
        '/* x */ int one(void); // y',
        'extern one;',
        'one();',
        '@@ Kbuild',
        'obj-m := hello.o',
      ),
    ],
    words: [
      "make: Entering directory '",
      'ERROR: modpost: "',
      '" [hello.ko] undefined!',
      ': error: ',
      'in ',
      '.o',
      ': section mismatch',
      ' not found',
      '@@ hello.c\n',
      '/*',
      '/bin/sh: ',
    ],
    run: build,
    share: 0.6,
  },
];
