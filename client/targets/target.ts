import type { RootWay } from './rootWays';
import type { ActivitySource } from './activity';

/** What a command that ran on a target gave back. A command that could not run or finish rejects instead. */
export interface RunResult {
  /** Undefined when a signal ended the command. */
  readonly exitCode: number | undefined;
  /** The signal's name without SIG, for example "TERM". */
  readonly signal?: string;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  /** What a person calls it, "insmod hello"; the program's name unless told. */
  readonly what?: string;
  readonly stdin?: Uint8Array;
  /** Run as root: directly, or through sudo, doas or su where the login is another user. */
  readonly asRoot?: boolean;
  /** It changes nothing: a target that asks before its first change does not ask. Without asRoot it goes without saying. */
  readonly reads?: boolean;
  /** Milliseconds; 30,000 unless told. At its end the remote command is ended and TimeLimitError is thrown. */
  readonly timeoutMs?: number;
  /** Bytes of stdout and of stderr that are kept; 16 MiB unless told. Past it OutputLimitError is thrown. */
  readonly maxOutputBytes?: number;
  /** Ends the remote command and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface StreamOptions {
  readonly asRoot?: boolean;
  /** Ends the stream; the promise then resolves. */
  readonly signal: AbortSignal;
  readonly onData: (chunk: Buffer) => void;
}

/** A machine with a kernel, ready to take commands. */
export interface Target {
  /** The name a person gave it. */
  readonly name: string;

  /** What a person should know of how it is reached, such as "through the system's ssh"; undefined for the usual way. */
  readonly via?: string | undefined;

  /** Aborts, with the reason, when the connection is gone. No promise of this target outlives it. */
  readonly lost: AbortSignal;

  /** Whether it is ready, busy or silent; undefined: it can not be told. */
  readonly activity?: ActivitySource | undefined;

  /**
   * Runs one program. `argv` reaches it as it is: every word is quoted by quote.ts.
   * Commands of a target run one after the other, in the order of the calls.
   * @throws TimeLimitError, OutputLimitError, TargetLostError, RootRequiredError, CommandRefusedError,
   *   RangeError for a word with a NUL in it, or the signal's reason
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;

  /**
   * Writes a new file (mode 0600; an existing file is an error) and verifies its size.
   * A failed or cancelled upload leaves no file behind.
   * @throws UploadError, TargetLostError, or the signal's reason
   */
  upload(
    data: Uint8Array,
    remotePath: string,
    options?: Pick<RunOptions, 'signal' | 'timeoutMs'>,
  ): Promise<void>;

  /** Something large is about to be sent: the way there is made ready meanwhile. Nothing is waited for. */
  wake?(): void;

  /** Runs a program that goes on printing (the kernel log) until the signal ends it or it exits. */
  stream(argv: readonly string[], options: StreamOptions): Promise<RunResult | undefined>;

  /** The argv that opens a shell there from this machine, where the target's definition does not tell it. */
  readonly sshCommand?: readonly string[];

  dispose(): Promise<void>;
}

/** What a kernel lets be done with modules; what could not be read is left out. */
export interface KernelFacts {
  /** Options that concern modules, without CONFIG_; one that is not set is not in it. */
  readonly config?: ReadonlyMap<string, string> | undefined;
  /** Where it was read. */
  readonly configFile?: string | undefined;
  readonly modules?: boolean | undefined;
  /** Its processes can have CAP_SYS_MODULE (capabilities(7)); false in most containers. */
  readonly mayLoad?: boolean | undefined;
  /** CONFIG_MODULE_UNLOAD */
  readonly unloads?: boolean | undefined;
  readonly modversions?: boolean | undefined;
  /** Only modules with a good signature are loaded (module.sig_enforce, CONFIG_MODULE_SIG_FORCE). */
  readonly signaturesEnforced?: boolean | undefined;
  /** kernel_lockdown(7) */
  readonly lockdown?: 'none' | 'integrity' | 'confidentiality' | undefined;
  /** /proc/kallsyms shows this login addresses. */
  readonly symbolAddresses?: boolean | undefined;
  readonly dynamicDebug?: boolean | undefined;
  /** /proc/sys/kernel/tainted when it was connected. */
  readonly taint?: number | undefined;
}

/** What is read of a target once per connection. */
export interface TargetFacts {
  /** uname -r */
  readonly release: string;
  /** uname -m */
  readonly machine: string;
  /** /proc/sys/kernel/random/boot_id */
  readonly bootId: string | undefined;
  /** The login's name, and how commands with asRoot run: "login" where it is root's. */
  readonly user: string;
  readonly root: 'login' | RootWay | 'none';
  /** Which insmod answers there. */
  readonly tools: 'kmod' | 'busybox' | 'none';
  /** What that insmod says of its version, such as "kmod version 30" or "BusyBox v1.35.0 (…)". */
  readonly toolsVersion?: string;
  readonly kernel: KernelFacts;
}
