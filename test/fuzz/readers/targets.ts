import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuildOutput } from '../../../client/build/buildOutput';
import { readKbuildFile } from '../../../client/build/kbuildProject';
import { BecomeRoot, ROOT_QUESTIONS } from '../../../client/targets/becomeRoot';
import { readTargets } from '../../../client/targets/definition';
import { OutputLimitError, RootRequiredError, TargetLostError } from '../../../client/targets/errors';
import { runCommand, type CommandChannel } from '../../../client/targets/remoteCommand';
import { ResidentShell } from '../../../client/targets/residentShell';
import { SerialConsole } from '../../../client/targets/serial/serialConsole';
import { Telnet } from '../../../client/targets/serial/telnet';
import { TerminalChannel } from '../../../client/targets/terminalChannel';
import { CONSOLE_RECIPES } from '../corpus/logs';
import { chunksOf } from '../chunks';
import { text, type Reader } from '../reader';
import { filesIn } from '../sections';
import { PROMPTS } from './ssh';

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
