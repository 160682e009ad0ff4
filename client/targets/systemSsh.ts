import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { runProgram, startProgram, type ChildProcess } from '../../engine/base/startProgram';
import { Tail } from '../../engine/base/tail';
import { KNOWN_HOSTS } from '../../engine/files/limits';
import { readRegularFile } from '../../engine/files/regularFile';
import { orAborted, settledWithin } from './abort';
import { appendLines } from '../../engine/files/appendLines';
import { Askpass } from './askpass';
import type { SshTargetDefinition } from './definition';
import { ConnectError } from './errors';
import { Patience } from './patience';
import type { CommandChannel } from './remoteCommand';
import type { LoginOptions } from './ssh2Login';
import { weaknesses } from './ssh2Algorithms';
import { ANY_HOST_KEY, sshArguments } from './sshCommandLine';
import { loginName } from './sshConfig';
import type { ExecOptions, SshConnection } from './sshConnection';
import { readParties, type SshParties } from './sshParties';
import { sshQuestions } from './sshQuestions';
import { ShareChannel } from './systemSshChannel';
import { explainSsh } from './systemSshFailure';

export interface SystemSshOptions extends LoginOptions {
  readonly definition: SshTargetDefinition;
  readonly configFile: string | undefined;
  readonly connectMs: number;
}

const SAID_LIMIT = 16 * 1024;

/** So many pings without an answer, and ssh ends the connection. */
const SILENT_INTERVALS = 3;

/** Between the end of a shared channel and that of the connection that carried it, milliseconds. */
const ENDING_MS = 500;

/** Runs "$@", and ends it when whoever holds the other end of fd 3 is gone, also when killed. */
const GUARDED = `
"$@" < /dev/null 3<&- &
ssh=$!
trap 'kill "$ssh"' TERM
{ read -r _ <&3; kill "$ssh"; } > /dev/null 2>&1 &
exec 3<&-
wait "$ssh"`;

/**
 * Connects with the system's ssh: one connection, over which further ssh processes run the commands
 * (ControlMaster of ssh_config(5)). Its questions reach a person as ssh2's do.
 * @param reason why, for a person
 * @throws ConnectError, or the signal's reason
 */
export async function connectThroughSsh<T>(
  options: SystemSshOptions,
  reason: string,
  made: (connection: SshConnection) => T,
  signal: AbortSignal,
): Promise<T> {
  const { config, definition, configFile, log } = options;
  // Which of them it uses is not told.
  const weak = weaknesses([
    ...[config.kexAlgorithms, config.hostKeyAlgorithms, config.ciphers, config.macs].flatMap(
      (names) => names ?? [],
    ),
    ...(config.sha1Signatures ? ['ssh-rsa'] : []),
  ]);
  const allowed = weak === undefined ? '' : `; your SSH configuration allows ${weak}`;
  const via = `the system's ssh, for ${reason}${allowed}`;
  log('info', `${definition.name}: through ${via}`);
  const parties = await readParties({ config, withOwn: true, configFile, signal });
  const connect = (how: Way): Promise<T> => connectOnce(options, { via, ...how }, made, signal);
  if (parties.unmarked === 'ssh' || !parties.alone) {
    return connect({ parties, settings: [] });
  }
  // An older ssh does not tell who asks. First the server is let ask nothing.
  const answered = connect({ parties: { ...parties, unmarked: 'ssh' }, settings: UNASKED });
  return answered.catch((error: unknown) => {
    if (error instanceof ConnectError && error.message.includes('keyboard-interactive')) {
      return connect({ parties, settings: [] });
    }
    throw error;
  });
}

/** Keeps a server from asking what it likes. OpenSSH up to 8.6 has two names for it. */
const UNASKED = ['KbdInteractiveAuthentication=no', 'ChallengeResponseAuthentication=no'];

interface Way {
  readonly parties: SshParties;
  /** Of ssh_config(5), before all others. */
  readonly settings: readonly string[];
}

async function connectOnce<T>(
  options: SystemSshOptions,
  { via, parties, settings }: Way & { readonly via: string },
  made: (connection: SshConnection) => T,
  signal: AbortSignal,
): Promise<T> {
  const { config, prompts, step, connectMs, answerMs } = options;
  const over = new AbortController();
  const giveUp = (message: string, kind: ConnectError['kind']): void =>
    over.abort(new ConnectError(message, kind));
  const patience = new Patience(connectMs + answerMs, over.signal, () =>
    giveUp(
      `${loginName(config)}: no login within ${(connectMs + answerMs) / 1000} s through ${via}. Is the target on, and on this network?`,
      'timeout',
    ),
  );
  let remember: 'remember' | 'once' | undefined;
  const askpass = await Askpass.open(
    sshQuestions({
      config,
      parties,
      prompts,
      step,
      signal: over.signal,
      patience: () => patience,
      refused: (what) => giveUp(what, 'authentication'),
      hostKey: (answer) => (remember = answer),
    }),
  );
  const master = new Master(options, askpass, via, settings);
  patience.restart();
  try {
    await orAborted(master.ready, signal, over.signal);
    if (remember !== 'once' && !options.anyHostKey) {
      await keepNewKeys(askpass, options);
    }
    return made(master);
  } catch (error) {
    master.destroy();
    throw error;
  } finally {
    patience.stop();
    over.abort();
  }
}

/** ssh wrote a key that it was told to trust to a file of ours: whether it is kept is decided here. */
async function keepNewKeys({ directory }: Askpass, { config, log }: SystemSshOptions): Promise<void> {
  const file = config.userKnownHostsFiles[0];
  const lines = await readRegularFile(newKeysFile(directory), KNOWN_HOSTS).then(
    (bytes) => bytes.toString('latin1'),
    () => '',
  );
  if (file === undefined || lines === '') {
    return;
  }
  await appendLines(file, lines).catch((error: Error) =>
    log('warn', `the accepted host key could not be written to ${file}: ${error.message}`),
  );
}

const newKeysFile = (directory: string): string => join(directory, 'known_hosts');

/** The ssh process that holds the connection. */
class Master extends EventEmitter implements SshConnection {
  /** Rejects with a ConnectError when it ends before it is logged in. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #socket: string;
  readonly #said = new Tail(SAID_LIMIT);

  constructor(
    options: SystemSshOptions,
    askpass: Askpass,
    readonly via: string,
    before: readonly string[],
  ) {
    super();
    this.#socket = join(askpass.directory, 's');
    const mark = randomBytes(8).toString('hex');
    const argv = [
      'ssh',
      ...before.flatMap((setting) => ['-o', setting]),
      ...masterOptions(options, askpass.directory, this.#socket, mark),
    ];
    this.#child = startProgram('/bin/sh', ['-c', GUARDED, 'sh', ...argv], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: askpass.environment,
      detached: true,
    });
    let ended: () => void = () => undefined;
    this.#ended = new Promise((resolve) => (ended = resolve));
    this.ready = new Promise((resolve, reject) => {
      const printed = new Tail(SAID_LIMIT);
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed.push(text);
        if (printed.text.includes(mark)) {
          resolve();
        }
      });
      this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.#said.push(text);
      });
      this.#child.once('error', reject);
      // The guard holds the other end.
      this.#child.once('exit', () => this.#child.stdio[3]?.destroy());
      this.#child.once('close', () => {
        ended();
        reject(explainSsh(this.#said.text, options.config));
        void askpass.close();
        const last = this.#said.text.trim().split('\n').at(-1) ?? '';
        if (last !== '') {
          this.emit('error', new Error(last));
        }
        this.emit('close');
      });
    });
    this.ready.catch(() => undefined);
    // Before somebody listens: the failure is told by `ready`.
    this.on('error', () => undefined);
  }

  exec(
    commandLine: string,
    { terminal }: ExecOptions,
    done: (error: Error | undefined, channel: CommandChannel) => void,
  ): void {
    const channel = new ShareChannel(this.#socket, commandLine, terminal);
    channel.opened.then(
      () => done(undefined, channel),
      async (error: Error) => {
        // Where the connection itself is at its end, that is why: its 'close' is told first.
        await settledWithin(this.#ended, ENDING_MS);
        done(error, channel);
      },
    );
  }

  end(): void {
    // The socket may be gone already; the guard's end is what counts.
    const destroy = (): void => this.destroy();
    runProgram('ssh', ['-F', 'none', '-S', this.#socket, '-O', 'exit', 'target']).then(destroy, destroy);
  }

  destroy(): void {
    this.#child.stdio[3]?.destroy();
    this.#child.kill();
  }
}

function masterOptions(
  { definition, configFile, config, anyHostKey, connectMs, keepaliveMs }: SystemSshOptions,
  directory: string,
  socket: string,
  mark: string,
): string[] {
  const files = [newKeysFile(directory), ...config.userKnownHostsFiles].map(
    (path) => `"${path.replaceAll('%', '%%')}"`,
  );
  const trust = anyHostKey
    ? ANY_HOST_KEY
    : [
        `UserKnownHostsFile=${files.join(' ')}`,
        // ssh_config's "no" would go on after a changed key.
        ...(config.strictHostKeyChecking === 'no' ? ['StrictHostKeyChecking=accept-new'] : []),
      ];
  const settings = [
    'ControlPersist=no',
    'PermitLocalCommand=yes',
    // Run when the login is done.
    `LocalCommand=echo ${mark}`,
    'RemoteCommand=none',
    'RequestTTY=no',
    'ForkAfterAuthentication=no',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'Tunnel=no',
    'UpdateHostKeys=no',
    'LogLevel=INFO',
    `ConnectTimeout=${Math.ceil(connectMs / 1000)}`,
    `ServerAliveInterval=${Math.max(1, Math.ceil(keepaliveMs / 1000))}`,
    `ServerAliveCountMax=${SILENT_INTERVALS}`,
    ...trust,
    ...(definition.identityFile === undefined ? [] : ['IdentitiesOnly=yes']),
  ];
  return [
    ...['-M', '-N', '-S', socket],
    ...settings.flatMap((setting) => ['-o', setting]),
    ...(definition.identityFile === undefined ? [] : ['-i', config.identityFiles[0] ?? '']),
    ...sshArguments(definition, configFile),
  ];
}
