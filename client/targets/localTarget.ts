import { hostname, userInfo } from 'node:os';
import { ChangeRefusedError, ConnectError } from './errors';
import { LocalConnection } from './localConnection';
import type { Log } from './log';
import type { Prompts } from './prompts';
import { SshSession } from './sshSession';
import type { RunOptions, RunResult, StreamOptions, Target } from './target';

interface LocalOptions {
  readonly name: string;
  readonly prompts: Prompts;
  readonly log: Log;
  /** Asks a person before the first change; `what` is about to be done. */
  readonly confirmChange: (what: string, signal: AbortSignal) => Promise<boolean>;
}

/**
 * The kernel that runs this process. Reading it asks nobody; the first change of a connection is asked for.
 * @throws ConnectError of kind "start" where it is no Linux
 */
export function openLocalTarget({ name, prompts, log, confirmChange }: LocalOptions): Target {
  if (process.platform !== 'linux') {
    throw new ConnectError(
      `${name}: this machine runs ${process.platform}, and kernel modules are Linux's. Start the scratch kernel on a Linux, or add a target over SSH.`,
      'start',
    );
  }
  const user = userInfo().username;
  const session = new SshSession(name, new LocalConnection(), {
    login: `${user}@${hostname()}`,
    user,
    prompts,
    log,
    keepaliveMs: Infinity,
  });
  return new LocalTarget(session, confirmChange);
}

class LocalTarget implements Target {
  readonly name: string;
  readonly lost: AbortSignal;
  #agreed = false;
  #asking: Promise<boolean> | undefined;

  constructor(
    private readonly session: SshSession,
    private readonly confirmChange: LocalOptions['confirmChange'],
  ) {
    this.name = session.name;
    this.lost = session.lost;
  }

  get activity(): SshSession['activity'] {
    return this.session.activity;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    if (options.asRoot === true && options.reads !== true) {
      await this.#agree(options.what ?? argv[0] ?? '', options.signal);
    }
    return this.session.run(argv, options);
  }

  async upload(...[data, path, options = {}]: Parameters<Target['upload']>): Promise<void> {
    await this.#agree(`writing ${path}`, options.signal);
    return this.session.upload(data, path, options);
  }

  /** What is followed is the kernel log, which is only read. */
  stream(argv: readonly string[], options: StreamOptions): Promise<RunResult | undefined> {
    return this.session.stream(argv, options);
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  async #agree(what: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#agreed) {
      return;
    }
    const signals = [this.lost, ...(signal === undefined ? [] : [signal])];
    this.#asking ??= this.confirmChange(what, AbortSignal.any(signals)).finally(() => {
      this.#asking = undefined;
    });
    this.#agreed = await this.#asking;
    signals.forEach((one) => one.throwIfAborted());
    if (!this.#agreed) {
      throw new ChangeRefusedError(what, this.name);
    }
  }
}
