import { Client, type AnyAuthMethod, type NegotiatedAlgorithms } from 'ssh2';
import type { Duplex } from 'node:stream';
import { orAborted } from './abort';
import { ConnectError } from './errors';
import type { KnownHosts } from './hostKeys';
import type { Log } from './log';
import { Patience } from './patience';
import type { Prompts } from './prompts';
import type { CommandChannel } from './remoteCommand';
import { algorithms, weaknesses } from './ssh2Algorithms';
import { IdentityAgent, listAgent, parseKey } from './ssh2Agent';
import { onInteractiveRequest } from './ssh2Requests';
import { Authentication, type AuthenticationStep } from './sshAuthentication';
import { loginName, type SshConfig } from './sshConfig';
import type { ExecOptions, SshConnection } from './sshConnection';
import { explainFault, explainNoLogin, mismatchOf, plainWords, type SshFault } from './sshFailure';
import { collectIdentities, type Identity } from './sshKeys';
import type { Transport } from './sshTransport';
import { SystemSshRequired } from './systemSshReason';
import { knownAs, verifyHostKey } from './verifyHostKey';

export interface LoginOptions {
  readonly config: SshConfig;
  /** The definition names the key file itself. */
  readonly explicitKey: boolean;
  readonly knownHosts: KnownHosts;
  /** Any host key is taken: the target has a new one each time it is flashed. */
  readonly anyHostKey: boolean;
  readonly prompts: Prompts;
  readonly log: Log;
  readonly step: ((text: string) => void) | undefined;
  /** For each answer of the server, milliseconds; a person's time to answer does not count. */
  readonly answerMs: number;
  /** Between two pings, milliseconds. */
  readonly keepaliveMs: number;
}

/** Characters. */
const BANNER_LIMIT = 4096;

const ANSWERS_LIMIT = 3;

/** A connection that ssh2 made. */
class Ssh2Connection implements SshConnection {
  constructor(
    private readonly client: Client,
    private readonly stream: Duplex,
    readonly via: string | undefined,
  ) {}

  exec(
    commandLine: string,
    { terminal }: ExecOptions,
    done: (error: Error | undefined, channel: CommandChannel) => void,
  ): void {
    this.client.exec(commandLine, terminal ? { pty: true } : {}, done);
  }

  on(event: 'error' | 'close', listener: (error: Error) => void): void {
    if (event === 'error') {
      this.client.on(event, listener);
    } else {
      this.client.on(event, listener as () => void);
    }
  }

  onHeard(listener: () => void): void {
    this.stream.on('data', listener);
  }

  end(): void {
    this.client.end();
  }

  destroy(): void {
    this.stream.destroy();
  }
}

/** From an open transport to a login. */
export class Ssh2Login {
  readonly #subject: string;
  readonly #client = new Client();
  readonly #authentication: Authentication;
  readonly #over = new AbortController();
  readonly patience: Patience;
  /** What the server offered for the kind of algorithm that was negotiated last. */
  #offer: string | undefined;
  #agreed = false;
  /** The algorithms that were negotiated, and those of signatures. */
  readonly #used: string[] = [];
  /** The ways to log in that are left; ssh2 does not tell them after a key that is one of two ways was good. */
  #left: readonly string[] | undefined;
  /** The end of what the server said before the login. */
  #banner = '';
  /** What it said to what was tried, each once. */
  readonly #answers = new Set<string>();
  #tried = false;

  constructor(
    private readonly transport: Transport,
    private readonly options: LoginOptions,
  ) {
    const { config, prompts, answerMs } = options;
    this.#subject = loginName(config);
    this.patience = new Patience(answerMs, this.#over.signal, () =>
      this.#over.abort(
        new ConnectError(
          `${this.#subject}: connected, but no answer within ${answerMs / 1000} s. Is it an SSH server?`,
          'timeout',
        ),
      ),
    );
    this.#authentication = new Authentication(
      config,
      () => this.#identities(),
      (question, signal) => this.patience.whileAsked(prompts.secret(question, signal)),
      this.#over.signal,
    );
  }

  /**
   * @param made takes the client over, in the same turn in which it is logged in: no fault falls between
   * @throws ConnectError, SystemSshRequired, or the signal's reason
   */
  async run<T>(made: (connection: SshConnection) => T, signal: AbortSignal): Promise<T> {
    const client = this.#client;
    const fail = (error: Error): void => this.#over.abort(error);
    const ready = new Promise<T>((resolve) =>
      client.once('ready', () =>
        resolve(made(new Ssh2Connection(client, this.transport.stream, this.#weak()))),
      ),
    );
    const fault = (error: SshFault): void => {
      // Of an agent or of one key: the next is tried.
      if (error.level === 'agent') {
        this.#note(error.message);
      } else {
        void this.transport.said().then((said) => fail(this.#explain(error, said)));
      }
    };
    const closed = (): void => {
      if (this.#agreed) {
        fail(this.#closedWhileLoggingIn());
      } else {
        fault(new Error('Connection lost before handshake'));
      }
    };
    const agreed = ({ kex, serverHostKey, cs, sc }: NegotiatedAlgorithms): void => {
      this.#agreed = true;
      const ways = [cs, sc].flatMap(({ cipher, mac }) => [cipher, mac]);
      this.#used.push(kex, serverHostKey, ...ways);
      this.options.step?.('logging in…');
    };
    const hear = (text: string): void => this.#hear(text);
    client.on('error', fault).on('close', closed).on('handshake', agreed).on('banner', hear);
    this.patience.restart();
    try {
      client.connect(this.#ssh2Config(fail));
      onInteractiveRequest(client, ({ name, instructions }) => {
        this.#hear(name);
        this.#hear(instructions);
      });
      return await orAborted(ready, signal, this.#over.signal);
    } catch (error) {
      client.on('error', () => undefined).destroy();
      throw error;
    } finally {
      this.patience.stop();
      client.off('error', fault).off('close', closed).off('handshake', agreed).off('banner', hear);
      this.#over.abort();
    }
  }

  /** Only ssh_config allows such; undefined: there is nothing to tell. */
  #weak(): string | undefined {
    const weak = weaknesses(this.#used);
    if (weak !== undefined) {
      this.options.log('warn', `${this.#subject}: uses ${weak}, as your SSH configuration allows`);
    }
    return weak === undefined ? undefined : `SSH with ${weak}, as your SSH configuration allows`;
  }

  /** As OpenSSH since 8.8: a server that takes RSA keys with SHA-1 alone gets no signature of one. */
  #sha1(identity: Identity): boolean {
    if (this.options.config.sha1Signatures) {
      this.#used.push('ssh-rsa');
      return true;
    }
    this.#note(
      `the server takes ${identity.origin} only with a signature of SHA-1 (ssh-rsa). Give it another key (ssh-keygen -t ed25519), or allow it for this host in ~/.ssh/config: PubkeyAcceptedAlgorithms +ssh-rsa`,
    );
    return false;
  }

  #hear(text: string): void {
    this.#banner = (this.#banner + text).slice(-BANNER_LIMIT);
    // What comes before that is a notice for everybody.
    if (this.#tried && text.trim() !== '' && this.#answers.size < ANSWERS_LIMIT) {
      this.#answers.add(plainWords(text));
    }
  }

  #closedWhileLoggingIn(): ConnectError {
    const said = plainWords(this.#banner);
    return (
      explainNoLogin(this.#subject, said) ??
      new ConnectError(
        `${this.#subject}: the server closed the connection while logging in.${said === '' ? '' : ` It said: ${said}`}`,
        'protocol',
      )
    );
  }

  #explain(fault: SshFault, said: string): Error {
    const error = explainFault(fault, this.#subject, this.#offer, said);
    const mismatch = mismatchOf(fault);
    return mismatch === undefined ? error : new SystemSshRequired(`no ${mismatch} of ssh2's`, error);
  }

  #ssh2Config(fail: (error: Error) => void): Parameters<Client['connect']>[0] {
    const { options } = this;
    const { config, knownHosts } = options;
    const { host, port } = knownAs(config);
    const step = (
      wanted: Promise<AnyAuthMethod | false>,
      next: (method: AnyAuthMethod | false) => void,
    ): void => {
      wanted.then((method) => {
        if (!this.#over.signal.aborted) {
          this.patience.restart();
          next(method);
        }
      }, fail);
    };
    return {
      sock: this.transport.stream,
      host: config.hostName,
      username: config.user,
      // This class keeps the time: ssh2's limit would run on while a person is asked.
      readyTimeout: 0,
      keepaliveInterval: options.keepaliveMs,
      // SshSession judges by what comes in: an unanswered ping says nothing while an upload is on its way.
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      algorithms: algorithms(config, knownHosts.keyTypes(host, port)),
      debug: (text) => this.#notice(text),
      hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => {
        const prompts: Prompts = {
          ...options.prompts,
          confirmHostKey: (unknown, signal) =>
            this.patience.whileAsked(options.prompts.confirmHostKey(unknown, signal)),
        };
        const context = { ...options, prompts, signal: this.#over.signal };
        verifyHostKey(key, config, knownHosts, context).then(() => verify(true), fail);
      },
      authHandler: (_offered, partial, next) => {
        step(
          this.#authentication.next(this.#left, partial).then((chosen) => {
            if (chosen === undefined) {
              throw (
                explainNoLogin(this.#subject, this.#banner) ??
                this.#authentication.failure([...this.#answers].join(' '))
              );
            }
            this.#tried = chosen.type !== 'none';
            return this.#method(chosen, fail);
          }),
          next as (method: AnyAuthMethod | false) => void,
        );
      },
    };
  }

  #method(step: AuthenticationStep, fail: (error: Error) => void): AnyAuthMethod {
    const username = this.options.config.user;
    switch (step.type) {
      case 'none':
        return { type: 'none', username };
      case 'password':
        return { type: 'password', username, password: step.password };
      case 'key':
        return {
          type: 'agent',
          username,
          agent: new IdentityAgent(step.identity, () => this.#sha1(step.identity)),
        };
      case 'keyboard-interactive':
        return {
          type: 'keyboard-interactive',
          username,
          prompt: (name, instructions, _language, prompts, finish) => {
            step.answer({ name, instructions, prompts }).then((answers) => {
              this.patience.restart();
              finish(answers);
            }, fail);
          },
        };
    }
  }

  async #identities(): Promise<Identity[]> {
    const { config, explicitKey, prompts } = this.options;
    return collectIdentities({
      config,
      explicit: explicitKey,
      agentIdentities: await this.#agentIdentities(),
      parseKey,
      ask: (question, signal) => this.patience.whileAsked(prompts.secret(question, signal)),
      note: (text) => this.#note(text),
      signal: this.#over.signal,
    });
  }

  async #agentIdentities(): Promise<Identity[]> {
    const socket = this.options.config.identityAgent;
    if (socket === undefined) {
      return [];
    }
    try {
      const identities = await listAgent(socket);
      if (identities.length === 0) {
        this.#note(`the SSH agent ${socket} holds no keys (ssh-add adds one)`);
      }
      return identities;
    } catch (error) {
      this.#note(`the SSH agent ${socket} did not answer: ${(error as Error).message}`);
      return [];
    }
  }

  /** Why there are fewer keys to offer than a person may think. */
  #note(text: string): void {
    this.options.log('warn', text);
    this.#authentication.note(text);
  }

  #notice(text: string): void {
    const left = /^Inbound: Received USERAUTH_FAILURE \((.*)\)$/.exec(text)?.[1];
    if (left !== undefined) {
      this.#left = left.split(',').filter((method) => method !== '');
    }
    this.#offer = /^Handshake: \(remote\) [^:]+: (.*)$/.exec(text)?.[1] ?? this.#offer;
  }
}
