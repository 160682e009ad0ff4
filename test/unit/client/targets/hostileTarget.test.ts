import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { BecomeRoot, ROOT_QUESTIONS } from '../../../../client/targets/becomeRoot';
import { OutputLimitError } from '../../../../client/targets/errors';
import {
  runCommand,
  type CommandChannel,
  type CommandRequest,
} from '../../../../client/targets/remoteCommand';
import { TerminalChannel } from '../../../../client/targets/terminalChannel';

/** A channel on which the test prints. */
class Channel extends EventEmitter implements CommandChannel {
  readonly stderr = new EventEmitter();
  readonly written: unknown[] = [];
  write(data: unknown): void {
    this.written.push(data);
  }
  end(): void {
    // Nothing is read.
  }
  signal(): void {
    this.close();
  }
  close(): void {
    this.emit('exit', null, 'TERM');
    this.emit('close');
  }
}

function run(channel: CommandChannel, request: Partial<CommandRequest> = {}) {
  return runCommand(
    {
      lost: new AbortController().signal,
      open: (follow) => follow(channel),
      signalTree: () => Promise.resolve(),
      lose: (reason) => {
        throw new Error(reason);
      },
    },
    {
      argv: ['true'],
      mark: 'kmod-1:',
      stdin: undefined,
      holdStdin: true,
      timeoutMs: undefined,
      maxOutputBytes: 16 * 1024 * 1024,
      signals: [],
      questions: { ...ROOT_QUESTIONS('kmod-2?'), answers: ['secret'] },
      ...request,
    },
  );
}

describe('what stands before a program', () => {
  it.each([
    ['a word that could be asked for, again and again', 'pin'],
    ['no word at all', 'x'],
    ['many colons', ': '],
  ])('is no question with %s, and is passed over in no time', async (_what, word) => {
    const channel = new Channel();
    const outcome = run(channel);
    channel.stderr.emit('data', Buffer.from(word.repeat(200_000).slice(0, 200_000) + 'x'));
    channel.close();
    expect((await outcome).started).toBe(false);
    expect(channel.written).toEqual([]);
  });

  it('may come byte by byte', async () => {
    const channel = new Channel();
    const outcome = run(channel);
    for (let count = 0; count < 200_000; count += 1) {
      channel.stderr.emit('data', Buffer.from('x'));
    }
    channel.stderr.emit('data', Buffer.from('\nPassword: '));
    expect(channel.written).toEqual(['secret\n']);
    channel.stderr.emit('data', Buffer.from('kmod-1:7\nsaid'));
    channel.close();
    expect(await outcome).toMatchObject({ started: true, stderr: 'said' });
  });

  it('is a question at the end of a long line', () => {
    const { askedBy } = ROOT_QUESTIONS('kmod-2?');
    expect(askedBy(`${'x'.repeat(100_000)}\nVerification code: `)).toBe('Verification code: ');
    expect(askedBy('before kmod-2?')).toBe('kmod-2?');
    expect(askedBy('Password: \n')).toBeUndefined();
  });

  it('is counted on a terminal also where its mark never ends', async () => {
    const channel = new Channel();
    const outcome = run(new TerminalChannel(channel, { begin: 'kmod-1:', end: 'kmod-1:end;' }));
    outcome.catch(() => undefined);
    channel.emit('data', Buffer.from('kmod-1:'));
    const piece = Buffer.alloc(4096, 'x');
    for (let bytes = 0; bytes < 100 * 1024 * 1024; bytes += piece.length) {
      channel.emit('data', piece);
    }
    await expect(outcome).rejects.toThrow(OutputLimitError);
  });
});

it('a refusal of many blanks is told in a short sentence', async () => {
  const refused = {
    exitCode: 1,
    stdout: Buffer.alloc(0),
    stderr: `${' \n'.repeat(500_000)}x`,
    started: false,
  };
  const prompts = {
    confirmHostKey: () => Promise.resolve(undefined),
    secret: () => Promise.resolve(undefined),
  };
  const root = new BecomeRoot(['sudo'], prompts, 'driver', 'driver@board');
  await expect(root.run(() => Promise.resolve(refused))).rejects.toThrow(/^sudo on the target did not make/);
});
