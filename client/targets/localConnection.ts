import { EventEmitter } from 'node:events';
import { startProgram, type ChildProcessWithoutNullStreams } from '../../engine/base/startProgram';
import type { CommandChannel } from './remoteCommand';
import type { ExecOptions, SshConnection } from './sshConnection';

/** What the editor tells its own programs is no business of others. */
const OF_THE_EDITOR = /^(ELECTRON_|VSCODE_|NODE_OPTIONS$)/;

/** This machine, as if it were logged in to: its shells run what an SSH server's would. */
export class LocalConnection extends EventEmitter implements SshConnection {
  readonly via = undefined;
  readonly #children = new Set<ChildProcessWithoutNullStreams>();
  #ended = false;

  exec(
    commandLine: string,
    { terminal }: ExecOptions,
    done: (error: Error | undefined, channel: CommandChannel) => void,
  ): void {
    const [program, args] = terminal
      ? ['script', ['-qefc', commandLine, '/dev/null']]
      : ['/bin/sh', ['-c', commandLine]];
    const child = startProgram(program, args, {
      // A session of its own, without the terminal from which the editor was started: sudo would ask there.
      detached: true,
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_THE_EDITOR.test(name))),
    });
    const channel = new LocalChannel(child);
    this.#children.add(child);
    child.once('spawn', () => done(undefined, channel));
    child.once('error', (error) => done(error, channel));
    child.once('close', () => {
      this.#children.delete(child);
      this.#tellEnd();
    });
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    this.#ended = true;
    for (const child of this.#children) {
      child.stdin.destroy();
      child.kill();
    }
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#ended && this.#children.size === 0) {
      queueMicrotask(() => this.emit('close'));
    }
  }
}

class LocalChannel extends EventEmitter implements CommandChannel {
  readonly stderr: ChildProcessWithoutNullStreams['stderr'];

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    super();
    this.stderr = child.stderr;
    child.stdout.on('data', (chunk: Buffer) => this.emit('data', chunk));
    child.stdin.on('error', () => this.emit('error'));
    this.on('error', () => undefined);
    child.on('close', (code, signal) => {
      this.emit('exit', code, signal ?? undefined);
      this.emit('close');
    });
  }

  write(data: string | Uint8Array): void {
    this.child.stdin.write(data);
  }

  end(data?: Uint8Array): void {
    this.child.stdin.end(data ?? '');
  }

  signal(name: string): void {
    this.child.kill(`SIG${name}` as NodeJS.Signals);
  }

  close(): void {
    this.child.stdin.destroy();
    this.child.kill();
  }
}
