import { connect, createServer, type Server as TcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Server, type Connection, type ServerChannel } from 'ssh2';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { ConnectError } from '../../client/targets/errors';
import {
  CommandRefusedError,
  OutputLimitError,
  TargetLostError,
  TimeLimitError,
} from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import { Cleanup, makeKey, temporaryDirectory } from './machine';
import { connectFailure, FOR_SSH_ITSELF, type Opening, openTarget, Person } from './opening';

const cleanup = new Cleanup();
let hostKey: Buffer;
let directory: string;

beforeAll(() => {
  directory = temporaryDirectory(cleanup);
  hostKey = readFileSync(makeKey(directory, 'host'));
  return () => cleanup.run();
});

/** What is undone after each test. */
const perTest = new Cleanup();
afterEach(() => perTest.run());

async function listening(server: TcpServer | Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  perTest.add(() => void server.close());
  const address = server.address() as { port: number };
  return address.port;
}

/** A server that lets everybody in, and treats a command as told. */
async function sshServer(
  serve: (channel: ServerChannel, command: string, connection: Connection) => void,
  {
    refuses = () => false,
    shell,
  }: { readonly refuses?: () => boolean; readonly shell?: (channel: ServerChannel) => void } = {},
): Promise<number> {
  const connections = new Set<Connection>();
  const server = new Server({ hostKeys: [hostKey] }, (connection) => {
    connections.add(connection);
    connection.on('authentication', (context) => context.accept());
    connection.on('error', () => undefined);
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, reject, { command }) => {
        const isShell = command === 'exec /bin/sh';
        if (isShell ? shell === undefined : refuses()) {
          reject();
        } else if (isShell) {
          shell?.(acceptExec());
        } else {
          serve(acceptExec(), command, connection);
        }
      });
    });
  });
  perTest.add(() => connections.forEach((connection) => connection.end()));
  return listening(server);
}

/** Writes for ever, as fast as it is read. */
function flood(stream: Writable, what = 'x'): void {
  const chunk = Buffer.alloc(65_536, what);
  const more = (): void => {
    while (!stream.destroyed && stream.writable && stream.write(chunk)) {
      // Until nobody reads.
    }
    stream.once('drain', more);
  };
  stream.on('error', () => undefined);
  more();
}

/** A shell that ends its first frame as it should, and then does what it wants with what it is told to run. */
const shellThat =
  (answer: (channel: ServerChannel, endMark: string) => void) =>
  (channel: ServerChannel): void => {
    channel.on('error', () => undefined).stderr.on('error', () => undefined);
    let lines = 0;
    channel.on('data', (chunk: Buffer) => {
      const marks = [...chunk.toString().matchAll(/echo (kmod-[0-9a-f]+\.\d+=)/g)];
      const mark = marks.at(-1)?.[1] ?? '';
      lines += 1;
      if (lines === 1) {
        channel.write(`${mark}0\n`);
        channel.stderr.write(`${mark}0\n`);
      } else {
        answer(channel, mark);
      }
    });
  };

/** Announces the command as a shell would. */
function announce(channel: ServerChannel, command: string): void {
  channel.stderr.write(`${/echo (\S+?)\$\$/.exec(command)?.[1] ?? ''}4711\n`);
}

const open = (port: number, options: Partial<Opening> = {}): Promise<Target> =>
  openTarget(perTest, { port, user: 'root', knownHosts: join(directory, 'known_hosts'), ...options });

const failure = (port: number, options: Partial<Opening> = {}): Promise<ConnectError> =>
  connectFailure(open(port, options));

describe('a connection', () => {
  const tcp = (serve: (socket: Socket) => void): Promise<number> => {
    const sockets = new Set<Socket>();
    perTest.add(() => sockets.forEach((socket) => socket.destroy()));
    return listening(
      createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        serve(socket);
      }),
    );
  };

  it('to a server that never speaks ends at its limit', async () => {
    const error = await failure(await tcp(() => undefined), { limits: { answerMs: 200 } });
    expect(error.kind).toBe('timeout');
    expect(error.message).toContain('no answer within 0.2 s');
  });

  it('to a server that stops after its banner ends at its limit', async () => {
    const port = await tcp((socket) => socket.write('SSH-2.0-slow\r\n'));
    expect((await failure(port, { limits: { answerMs: 200 } })).kind).toBe('timeout');
  });

  it('to what is no SSH server says so', async () => {
    const port = await tcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await failure(port)).kind).toBe('protocol');
  });

  it('to a server that hangs up says so', async () => {
    const error = await failure(await tcp((socket) => socket.destroy()));
    expect(error.message).toMatch(/closed before an SSH server answered|connection broke/);
  });

  it('to a server that talks nonsense says so', async () => {
    const port = await tcp((socket) => socket.write(`SSH-2.0-odd\r\n${'\xff'.repeat(64)}`, 'latin1'));
    expect((await failure(port)).kind).toBe('protocol');
  });

  it.each([
    ['of 10 MB in lines', 'x'.repeat(79).concat('\r\n').repeat(130_000)],
    ['of 10 MB in one line', 'x'.repeat(10_000_000)],
  ])('to a server with a banner %s before its version ends in a short message', async (_how, banner) => {
    const port = await tcp((socket) => void socket.write(banner));
    for (const how of [{}, { configLines: FOR_SSH_ITSELF }]) {
      const error = await failure(port, how);
      expect(error.kind).toBe('protocol');
      expect(error.message.length).toBeLessThan(500);
    }
  });

  it('to a server that prints for ever before its version ends in a short message', async () => {
    for (const text of ['x', '\r\n']) {
      const port = await tcp((socket) => flood(socket, text));
      for (const how of [{}, { configLines: FOR_SSH_ITSELF }]) {
        const error = await failure(port, how);
        expect(error.kind).toBe('protocol');
        expect(error.message.length).toBeLessThan(500);
      }
    }
  });

  it('to a server whose words at the login are 10 MB ends in a short message', async () => {
    const server = new Server({ hostKeys: [hostKey], banner: 'x'.repeat(10_000_000) }, (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => context.reject(['publickey']));
    });
    const port = await listening(server);
    for (const how of [{}, { configLines: ['KnownHostsCommand /bin/true'] }]) {
      const error = await failure(port, how);
      expect(error.kind).toBe('protocol');
      expect(error.message.length).toBeLessThan(500);
    }
  });

  it('to a server that throws everybody out tells its words', async () => {
    const server = new Server({ hostKeys: [hostKey] }, (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => context.reject(['hostbased']));
    });
    const error = await failure(await listening(server));
    expect(error.kind).toBe('authentication');
    expect(error.message).toContain('accepts: hostbased');
  });

  it.each(["admin@bank's password: ", "Enter passphrase for key '/root/.ssh/id_ed25519': "])(
    'to a server that asks %j is asked as that server’s, whoever it names',
    async (prompt) => {
      const server = new Server({ hostKeys: [hostKey] }, (connection) => {
        connection.on('error', () => undefined);
        connection.on('authentication', (context) => {
          if (context.method === 'keyboard-interactive') {
            context.prompt([{ prompt, echo: false }], () => context.reject([]));
          } else {
            context.reject(['keyboard-interactive']);
          }
        });
      });
      const port = await listening(server);
      const person = new Person({ hostKey: 'once', secrets: ['secret'] });
      await failure(port, { prompts: person });
      const [question] = person.questions;
      expect(question?.subject).toBe(`root@127.0.0.1:${port}`);
      expect(question?.kind).not.toBe('passphrase');
    },
  );

  it('that the server closes in the middle of the login says so', async () => {
    const server = new Server({ hostKeys: [hostKey] }, (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', () => connection.end());
    });
    expect((await failure(await listening(server))).message).toContain(
      'closed the connection while logging in',
    );
  });

  it('can be cancelled while the server is silent', async () => {
    const cancel = new AbortController();
    const port = await tcp(() => cancel.abort(new Error('enough')));
    await expect(open(port, { signal: cancel.signal })).rejects.toThrow('enough');
  });

  it('that goes silent is told so, and lost within four intervals', async () => {
    let pause: () => void = () => undefined;
    const port = await sshServer(() => undefined);
    const relay = await tcp((socket) => {
      const upstream = connect(port, '127.0.0.1');
      upstream.on('error', () => undefined);
      socket.pipe(upstream).pipe(socket);
      pause = () => {
        socket.unpipe(upstream);
        upstream.unpipe(socket);
      };
    });
    const target = await open(relay, { limits: { keepaliveMs: 50 } });
    const told: unknown[] = [];
    target.activity?.onDidChange(() => told.push(target.activity?.current));
    const run = target.run(['true']);
    pause();
    await expect(run).rejects.toThrow(/nothing was heard for more than 0\.15 s/);
    expect(target.lost.aborted).toBe(true);
    expect(told).toContainEqual({ kind: 'unresponsive' });
  });
});

describe('a command', () => {
  it('that ends without telling how is lost, not done', async () => {
    const target = await open(
      await sshServer((channel, command) => {
        announce(channel, command);
        channel.close();
      }),
    );
    await expect(target.run(['true'])).rejects.toThrow(TargetLostError);
    expect(target.lost.aborted).toBe(true);
    await expect(target.run(['true'])).rejects.toThrow(/did not tell how true ended/);
  });

  it('whose connection dies in its middle is lost, and so are those that wait', async () => {
    const target = await open(
      await sshServer((channel, command, connection) => {
        announce(channel, command);
        channel.write('half', () => connection.end());
      }),
    );
    const runs = [target.run(['one']), target.run(['two']), target.upload(Buffer.from('data'), '/tmp/x')];
    for (const run of await Promise.allSettled(runs)) {
      expect(run).toMatchObject({ status: 'rejected', reason: { name: 'TargetLostError' } });
    }
  });

  it('that a server does not start is refused, and the next one runs', async () => {
    let asked = 0;
    const port = await sshServer(
      (channel, command) => {
        announce(channel, command);
        channel.exit(0);
        channel.end();
      },
      { refuses: () => (asked += 1) === 1 },
    );
    const target = await open(port);
    await expect(target.run(['true'])).rejects.toThrow(CommandRefusedError);
    await expect(target.run(['true'])).resolves.toMatchObject({ exitCode: 0 });
  });

  it('that a server never answers ends at its limit', async () => {
    const server = new Server({ hostKeys: [hostKey] }, (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => context.accept());
      connection.on('session', (accept) => {
        // The request is read, and never answered.
        accept().on('exec', () => undefined);
      });
    });
    const target = await open(await listening(server));
    await expect(target.run(['true'], { timeoutMs: 100 })).rejects.toThrow(TimeLimitError);
    await target.dispose();
  });

  it('of which a server only prints for ever ends at its limit', async () => {
    for (const stream of ['stdout', 'stderr'] as const) {
      const port = await sshServer((channel) => flood(stream === 'stdout' ? channel : channel.stderr));
      const target = await open(port);
      await expect(target.run(['true'], { maxOutputBytes: 1_000_000, timeoutMs: 100_000 })).rejects.toThrow(
        OutputLimitError,
      );
      await target.dispose();
    }
  });

  it('of which a shell that stays never tells the beginning ends at its limit', async () => {
    const shell = shellThat((channel) => flood(channel.stderr));
    const target = await open(await sshServer(() => undefined, { shell }));
    await expect(target.run(['true'], { maxOutputBytes: 1_000_000, timeoutMs: 100_000 })).rejects.toThrow(
      OutputLimitError,
    );
    await target.dispose();
  });

  it('of which a shell that stays never tells the whole end is lost', async () => {
    const shell = shellThat((channel, mark) => {
      channel.write(mark);
      flood(channel, '7');
    });
    const target = await open(await sshServer(() => undefined, { shell }));
    await expect(target.run(['true'], { timeoutMs: 100_000 })).rejects.toThrow(TargetLostError);
  });

  it('keeps what a login script prints before it out of its stderr', async () => {
    const target = await open(
      await sshServer((channel, command) => {
        channel.stderr.write('Welcome!\n');
        announce(channel, command);
        channel.stderr.write('real\n');
        channel.exit(1);
        channel.end();
      }),
    );
    await expect(target.run(['false'])).resolves.toMatchObject({ exitCode: 1, stderr: 'real\n' });
  });

  it('that the login shell does not run is refused with what that shell says', async () => {
    const target = await open(
      await sshServer((channel) => {
        channel.stderr.write('This account is currently not available.\n');
        channel.exit(1);
        channel.end();
      }),
    );
    await expect(target.run(['true'])).rejects.toThrow(
      /did not start true: .*nologin.*\(it says: This account is currently not available\.\)/,
    );
  });
});

describe('an upload', () => {
  /** A server whose commands are run by this machine's shell, with these programs and no others. */
  const having = (programs: Readonly<Record<string, string>>): Promise<number> => {
    const path = temporaryDirectory(perTest);
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(path, name), text, { mode: 0o755 });
    }
    return sshServer((channel, command) => {
      const child = spawn('/bin/sh', ['-c', command], { env: { PATH: path } });
      channel.pipe(child.stdin);
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      child.on('close', (code) => {
        channel.exit(code ?? 1);
        channel.end();
      });
    });
  };
  const really = (program: string): string => `#!/bin/sh\nexec ${program} "$@"\n`;
  const OTHER_BYTES = '#!/bin/sh\n/bin/cat | /usr/bin/tr d x\n';
  const HALF = '#!/bin/sh\n/usr/bin/head -c 2\n';
  const small = { sh: really('/bin/sh'), rm: really('/bin/rm'), wc: really('/usr/bin/wc') };
  const data = Buffer.from('data');

  it.each([
    ['other bytes', { ...small, cat: OTHER_BYTES, cksum: really('/usr/bin/cksum') }],
    ['other bytes, by its sha1sum', { ...small, cat: OTHER_BYTES, sha1sum: really('/usr/bin/sha1sum') }],
    ['half of it', { ...small, cat: HALF }],
  ])('that is stored as %s fails, and is removed', async (_what, programs) => {
    const target = await open(await having(programs));
    const path = join(temporaryDirectory(perTest), 'x');
    await expect(target.upload(data, path)).rejects.toThrow(/not what was sent/);
    expect(existsSync(path)).toBe(false);
  });

  it('goes by the size alone where the target has neither cksum nor sha1sum', async () => {
    const target = await open(await having({ ...small, cat: really('/bin/cat') }));
    const path = join(temporaryDirectory(perTest), 'x');
    await target.upload(data, path);
    expect(readFileSync(path)).toEqual(data);
  });
});
