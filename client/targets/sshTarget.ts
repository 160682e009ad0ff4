import {
  BaseAgent,
  Client,
  OpenSSHAgent,
  utils,
  type Algorithms,
  type AnyAuthMethod,
  type ParsedKey as Ssh2Key,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { askWhile, orAborted } from './abort';
import { ConnectError } from './errors';
import type { SshTargetDefinition } from './definition';
import { KnownHosts } from './hostKeys';
import type { Log } from './log';
import type { Prompts } from './prompts';
import { Authentication, type AuthenticationStep } from './sshAuthentication';
import { readSshConfig, type SshConfig } from './sshConfig';
import { explainFault, type SshFault } from './sshFailure';
import { collectIdentities, type Identity, type ParseKey, type SignatureHash } from './sshKeys';
import { SshSession } from './sshSession';
import { openTransport, type Transport } from './sshTransport';
import type { Target } from './target';
import { knownAs, verifyHostKey } from './verifyHostKey';

export interface SshOptions {
  readonly prompts: Prompts;
  readonly log?: Log;
  /** Gives the attempt up; a target that is open is closed with dispose(). */
  readonly signal?: AbortSignal;
  /** Told what is being done, for a person. */
  readonly step?: (text: string) => void;
  readonly homeDirectory?: string;
  /** Instead of what `ssh -G` says. */
  readonly config?: SshConfig;
  /** The one host key to trust, "ssh-ed25519 AAAA…": known_hosts is then neither read nor written. */
  readonly hostKey?: string;
  readonly limits?: Partial<SshLimits>;
}

interface SshLimits {
  /** For the TCP connection, milliseconds; ConnectTimeout of ssh_config goes before. */
  readonly connectMs: number;
  /** For each answer of the server while logging in, milliseconds; a person's time to answer does not count. */
  readonly answerMs: number;
  /** Between two signs of life, milliseconds; after four without any the connection is lost. */
  readonly keepaliveMs: number;
}

const LIMITS: SshLimits = { connectMs: 15_000, answerMs: 20_000, keepaliveMs: 5_000 };

/**
 * Connects to a target over SSH.
 * @throws ConnectError, or the signal's reason
 */
export async function openSshTarget(definition: SshTargetDefinition, options: SshOptions): Promise<Target> {
  const log: Log = options.log ?? (() => undefined);
  const limits = { ...LIMITS, ...options.limits };
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const home = options.homeDirectory === undefined ? {} : { homeDirectory: options.homeDirectory };
  const config = options.config ?? (await readSshConfig(definition, { ...home, signal }));
  const knownHosts = await readKnownHosts(config, options.hostKey);

  options.step?.('Connecting');
  const timeoutMs = config.connectTimeoutMs ?? limits.connectMs;
  const transport = await openTransport(config, { timeoutMs, signal, log });
  const login = new Login(config, definition.identityFile !== undefined, knownHosts, transport, limits, {
    ...options,
    log,
  });
  try {
    const session = {
      login: login.subject,
      user: config.user,
      prompts: options.prompts,
      log,
      keepaliveMs: limits.keepaliveMs,
    };
    return await login.run(
      (client) => new SshSession(definition.name, client, transport.stream, session),
      signal,
    );
  } catch (error) {
    transport.stream.on('error', () => undefined).destroy();
    throw error;
  }
}

async function readKnownHosts(config: SshConfig, hostKey: string | undefined): Promise<KnownHosts> {
  if (hostKey !== undefined) {
    const { host, port } = knownAs(config);
    return KnownHosts.pinned(host, port, hostKey);
  }
  const files = [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles];
  return KnownHosts.read(files).catch((error: Error) => {
    throw new ConnectError(`The known host keys can not be read: ${error.message}`, 'configuration', {
      cause: error,
    });
  });
}

/** From an open transport to a login. */
class Login {
  /** "user@host", and the port where it is not 22. */
  readonly subject: string;
  readonly #client = new Client();
  readonly #authentication: Authentication;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** What the server offered for the kind of algorithm that was negotiated last. */
  #offer: string | undefined;
  #agreed = false;

  constructor(
    private readonly config: SshConfig,
    private readonly explicitKey: boolean,
    private readonly knownHosts: KnownHosts,
    private readonly transport: Transport,
    private readonly limits: SshLimits,
    private readonly options: SshOptions & { readonly log: Log },
  ) {
    const { user, hostName, port } = config;
    this.subject = `${user}@${hostName}${port === 22 ? '' : `:${port}`}`;
    this.#authentication = new Authentication(
      this.subject,
      () => this.#identities(),
      (question, signal) => this.#patiently(options.prompts.secret(question, signal)),
      this.#over.signal,
    );
  }

  /**
   * @param made takes the client over, in the same turn in which it is logged in: no fault falls between
   * @throws ConnectError, or the signal's reason
   */
  async run<T>(made: (client: Client) => T, signal: AbortSignal): Promise<T> {
    const client = this.#client;
    const fail = (error: Error): void => this.#over.abort(error);
    const ready = new Promise<T>((resolve) => client.once('ready', () => resolve(made(client))));
    const fault = (error: SshFault): void => {
      // Of an agent or of one key: the next is tried.
      if (error.level === 'agent') {
        this.options.log('warn', `${this.subject}: ${error.message}`);
      } else {
        const explain = (said: string): void => fail(explainFault(error, this.subject, this.#offer, said));
        void this.transport.said().then(explain);
      }
    };
    const closed = (): void => {
      if (this.#agreed) {
        fail(
          new ConnectError(`${this.subject}: the server closed the connection while logging in.`, 'protocol'),
        );
      } else {
        fault(new Error('Connection lost before handshake'));
      }
    };
    const agreed = (): void => {
      this.#agreed = true;
      this.options.step?.('Logging in');
    };
    client.on('error', fault).on('close', closed).on('handshake', agreed);
    this.#wait();
    try {
      client.connect(this.#ssh2Config(fail));
      return await orAborted(ready, signal, this.#over.signal);
    } catch (error) {
      client.on('error', () => undefined).destroy();
      throw error;
    } finally {
      clearTimeout(this.#timer);
      client.off('error', fault).off('close', closed).off('handshake', agreed);
      this.#over.abort();
    }
  }

  #ssh2Config(fail: (error: Error) => void): Parameters<Client['connect']>[0] {
    const { config, options, knownHosts } = this;
    const { host, port } = knownAs(config);
    const step = (
      wanted: Promise<AnyAuthMethod | false>,
      next: (method: AnyAuthMethod | false) => void,
    ): void => {
      wanted.then((method) => {
        if (!this.#over.signal.aborted) {
          this.#wait();
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
      keepaliveInterval: this.limits.keepaliveMs,
      // SshSession judges by what comes in: an unanswered ping says nothing while an upload is on its way.
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      algorithms: algorithms(knownHosts.keyTypes(host, port)),
      debug: (text) => this.#notice(text),
      hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => {
        const prompts: Prompts = {
          ...options.prompts,
          confirmHostKey: (unknown, signal) =>
            this.#patiently(options.prompts.confirmHostKey(unknown, signal)),
        };
        const context = { prompts, log: options.log, signal: this.#over.signal };
        verifyHostKey(key, config, knownHosts, context).then(() => verify(true), fail);
      },
      authHandler: (offered, _partial, next) => {
        // Null before the server told, whatever the types say.
        const left = (offered as readonly string[] | null) ?? undefined;
        step(
          this.#authentication.next(left).then((chosen) => {
            if (chosen === undefined) {
              throw this.#authentication.failure();
            }
            return this.#method(chosen, fail);
          }),
          next as (method: AnyAuthMethod | false) => void,
        );
      },
    };
  }

  #method(step: AuthenticationStep, fail: (error: Error) => void): AnyAuthMethod {
    const username = this.config.user;
    switch (step.type) {
      case 'none':
        return { type: 'none', username };
      case 'password':
        return { type: 'password', username, password: step.password };
      case 'keys':
        return { type: 'agent', username, agent: new IdentitiesAgent(step.identities) };
      case 'keyboard-interactive':
        return {
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _language, prompts, finish) => {
            step.answer(prompts).then((answers) => {
              this.#wait();
              finish(answers);
            }, fail);
          },
        };
    }
  }

  async #identities(): Promise<Identity[]> {
    const { config, options } = this;
    return collectIdentities({
      config,
      explicit: this.explicitKey,
      agentIdentities: await this.#agentIdentities(),
      parseKey,
      ask: (question, signal) => this.#patiently(options.prompts.secret(question, signal)),
      log: options.log,
      signal: this.#over.signal,
    });
  }

  async #agentIdentities(): Promise<Identity[]> {
    const socket = this.config.identityAgent;
    if (socket === undefined) {
      return [];
    }
    const agent = new OpenSSHAgent(socket);
    const listed = new Promise<Identity[]>((resolve, reject) => {
      agent.getIdentities((error, keys) => {
        if (error) {
          reject(error);
        } else {
          resolve((keys ?? []).map((key) => agentIdentity(agent, key as Ssh2Key)));
        }
      });
    });
    return listed.catch((error: Error) => {
      this.options.log('warn', `the SSH agent ${socket} did not answer: ${error.message}`);
      return [];
    });
  }

  /** The server has until then for its next answer. */
  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const seconds = this.limits.answerMs / 1000;
      this.#over.abort(
        new ConnectError(
          `${this.subject}: connected, but no answer within ${seconds} s. Is it an SSH server?`,
          'timeout',
        ),
      );
    }, this.limits.answerMs);
  }

  /** Stops the clock while a person answers. */
  async #patiently<T>(question: Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    try {
      return await askWhile(() => question, this.#over.signal);
    } finally {
      if (!this.#over.signal.aborted) {
        this.#wait();
      }
    }
  }

  #notice(text: string): void {
    this.#offer = /^Handshake: \(remote\) [^:]+: (.*)$/.exec(text)?.[1] ?? this.#offer;
  }
}

const parseKey: ParseKey = (data, passphrase) => utils.parseKey(data, passphrase);

function asKey(key: Ssh2Key | Buffer | string): Ssh2Key {
  const parsed = typeof key === 'string' || Buffer.isBuffer(key) ? utils.parseKey(key) : key;
  if (parsed instanceof Error) {
    throw parsed;
  }
  return parsed;
}

function agentIdentity(agent: OpenSSHAgent, key: Ssh2Key): Identity {
  return {
    publicKey: key.getPublicSSH(),
    origin: `${key.comment} of the agent`,
    sign: (data, hash) =>
      new Promise((resolve, reject) => {
        agent.sign(key, data, hash === undefined ? {} : { hash }, (error, signature) => {
          if (error || signature === undefined) {
            reject(error ?? new Error('the agent gave no signature'));
          } else {
            resolve(signature);
          }
        });
      }),
  };
}

/** Shows all identities to ssh2 as one agent: it offers each public key, and asks for a signature when one is taken. */
class IdentitiesAgent extends BaseAgent {
  constructor(private readonly identities: readonly Identity[]) {
    super();
  }

  override getIdentities(done: (error: Error | undefined, keys?: Buffer[]) => void): void {
    done(
      undefined,
      this.identities.map(({ publicKey }) => publicKey),
    );
  }

  override sign(key: Ssh2Key | Buffer | string, data: Buffer, ...rest: readonly unknown[]): void {
    const done = rest.at(-1) as (error: Error | null, signature?: Buffer) => void;
    const { hash } = (rest.length > 1 ? rest[0] : {}) as { hash?: SignatureHash };
    const wanted = asKey(key).getPublicSSH();
    const identity = this.identities.find(({ publicKey }) => publicKey.equals(wanted));
    if (identity === undefined) {
      done(new Error('a signature of a key that was not offered'));
      return;
    }
    identity.sign(data, hash).then((signature) => done(null, signature), done);
  }
}

const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
  'ssh-dss',
];

/**
 * Host keys of a type that is known for the host go first, as with OpenSSH: else a host with several
 * keys would look changed. The last of each list are for servers of before 2014, chosen when these
 * have nothing better.
 */
function algorithms(knownTypes: readonly string[]): Algorithms {
  const isKnown = (algorithm: string): boolean =>
    knownTypes.includes(algorithm.startsWith('rsa-sha2') ? 'ssh-rsa' : algorithm);
  return {
    serverHostKey: [
      ...HOST_KEY_ALGORITHMS.filter(isKnown),
      ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm)),
    ],
    kex: {
      append: [
        'diffie-hellman-group-exchange-sha1',
        'diffie-hellman-group14-sha1',
        'diffie-hellman-group1-sha1',
      ],
      prepend: [],
      remove: [],
    },
  };
}
