import { connect, isIP } from 'node:net';
import { Duplex } from 'node:stream';
import { startProgram } from '../../engine/base/startProgram';
import { settledWithin } from './abort';
import { Askpass } from './askpass';
import { ConnectError } from './errors';
import type { Log } from './log';
import type { Patience } from './patience';
import type { Prompts } from './prompts';
import { jumpHosts } from './jumpHosts';
import { quoteAll } from './quote';
import type { SshConfig } from './sshConfig';
import { readParties } from './sshParties';
import { sshQuestions } from './sshQuestions';
import { expandTokens } from './sshTokens';

/** The bytes between here and the SSH server. */
export interface Transport {
  readonly stream: Duplex;
  /** What a ProxyCommand that ends has printed on stderr. */
  said(): Promise<string>;
}

interface TransportOptions {
  readonly config: SshConfig;
  /** For the questions of a ProxyJump, or of an ssh in a ProxyCommand. */
  readonly prompts: Prompts;
  readonly step: ((text: string) => void) | undefined;
  readonly log: Log;
}

interface OpeningOptions {
  /** For the TCP connection. */
  readonly timeoutMs: number;
  /** For the ssh of a ProxyJump (ssh -F). */
  readonly configFile: string | undefined;
  readonly patience: () => Patience | undefined;
  readonly signal: AbortSignal;
}

const SAID_LIMIT = 4096;

/** How long its last words may take, milliseconds. */
const SAYING_MS = 500;

/**
 * Opens a TCP connection, or starts the ProxyCommand; a ProxyJump becomes `ssh -W`, as ssh itself does it.
 * @throws ConnectError 'name', 'refused' or 'timeout', or the signal's reason
 */
export async function openTransport(
  { config, prompts, step, log }: TransportOptions,
  { timeoutMs, configFile, patience, signal }: OpeningOptions,
): Promise<Transport> {
  const command = proxyCommand(config, configFile);
  if (command !== undefined) {
    log('info', `proxy: ${command}`);
    let refused: string | undefined;
    const answer = sshQuestions({
      config,
      parties: await readParties({ config, withOwn: false, configFile, signal }),
      prompts,
      step,
      signal,
      patience,
      refused: (what) => (refused = what),
    });
    const askpass = await Askpass.open(answer);
    return proxied(command, askpass, () => refused);
  }
  const stream = await openSocket(config, timeoutMs, signal);
  return { stream, said: () => Promise.resolve('') };
}

function openSocket(
  { host, hostName, port, addressFamily, bindAddress }: SshConfig,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Duplex> {
  signal.throwIfAborted();
  const socket = connect({
    host: hostName,
    port,
    noDelay: true,
    ...(addressFamily === undefined ? {} : { family: addressFamily }),
    ...(bindAddress === undefined ? {} : { localAddress: bindAddress }),
  });
  const where = `${host === hostName ? host : `${host} (${hostName})`}, port ${port}`;
  return new Promise((resolve, reject) => {
    const finish = (how: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off('connect', connected).off('error', failed);
      how();
    };
    const fail = (error: Error): void =>
      finish(() => {
        socket.on('error', () => undefined).destroy();
        reject(error);
      });
    const connected = (): void => finish(() => resolve(socket));
    const failed = (error: NodeJS.ErrnoException): void => fail(unreachable(error, hostName, where));
    const aborted = (): void => fail(signal.reason as Error);
    const timer = setTimeout(() => {
      fail(
        new ConnectError(
          `${where}: no answer within ${timeoutMs / 1000} s. Is the target on, and on this network?`,
          'timeout',
        ),
      );
    }, timeoutMs);
    signal.addEventListener('abort', aborted);
    socket.on('connect', connected).on('error', failed);
  });
}

function unreachable(error: NodeJS.ErrnoException, hostName: string, where: string): ConnectError {
  // Happy eyeballs: the errors of all addresses come as one AggregateError, whose code is the last one's.
  const cause = { cause: error };
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_NONAME': {
      const why = error.code === 'EAI_AGAIN' ? 'the name service did not answer' : 'no such host name';
      return new ConnectError(`${hostName}: ${why}. Check the target's host.`, 'name', cause);
    }
    case 'ECONNREFUSED':
      return new ConnectError(
        `${where}: connection refused. Is an SSH server running there?`,
        'refused',
        cause,
      );
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new ConnectError(
        `${where}: not reachable (${error.code}). Is the target on, and on this network?`,
        'timeout',
        cause,
      );
    default:
      return new ConnectError(`${where}: ${error.message}`, 'refused', cause);
  }
}

/** The command whose stdin and stdout are the way to the host; undefined: there is none. */
export function proxyCommand(config: SshConfig, configFile: string | undefined): string | undefined {
  const { hostName, port, user } = config;
  const tokens = { h: hostName, n: config.host, p: String(port), r: user };
  if (config.proxyJump !== undefined) {
    const hops = expandTokens(config.proxyJump, tokens).split(',');
    const last = jumpHosts(hops.pop() ?? '')[0];
    if (last === undefined) {
      throw new ConnectError(`ProxyJump ${config.proxyJump} is not understood.`, 'configuration');
    }
    const { user: login, host: jump, port: jumpPort } = last;
    return quoteAll([
      'ssh',
      ...(configFile === undefined ? [] : ['-F', configFile]),
      ...(login === undefined ? [] : ['-l', login]),
      ...(jumpPort === undefined ? [] : ['-p', String(jumpPort)]),
      ...(hops.length === 0 ? [] : ['-J', hops.join(',')]),
      '-W',
      `${isIP(hostName) === 6 ? `[${hostName}]` : hostName}:${port}`,
      '--',
      jump,
    ]);
  }
  return config.proxyCommand === undefined ? undefined : expandTokens(config.proxyCommand, tokens);
}

function proxied(command: string, askpass: Askpass, refused: () => string | undefined): Transport {
  const child = startProgram('/bin/sh', ['-c', `exec ${command}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: askpass.environment,
    // Without a terminal, from which an older ssh would ask in the place where the editor was started.
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_LIMIT);
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on('error', (error) => stream.destroy(error));
  stream.on('close', () => child.kill());
  const ended = new Promise((resolve) => child.once('close', resolve));
  void ended.then(() => askpass.close());
  return {
    stream,
    said: async () => {
      await settledWithin(ended, SAYING_MS);
      return refused() ?? said.trim();
    },
  };
}
