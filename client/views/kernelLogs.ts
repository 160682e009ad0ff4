import * as vscode from 'vscode';
import { followKernelLog } from '../kernel/kernelLog';
import { LogMerge } from '../kernel/logMerge';
import { LogWindow } from '../kernel/logWindow';
import { execute } from '../kernel/command';
import { readPstore } from '../kernel/pstore';
import type { KernelLogRecord } from '../kernel/kmsg';
import type { SerialConsoles } from '../targets/serial/serialConsoles';
import { createLogChannel, type LogChannel } from './logChannel';
import type { ConnectedState, TargetManager } from '../targets/targetManager';
import type { Target, TargetFacts } from '../targets/target';

/** Seconds since boot as dmesg prints them. */
const timeStamp = (microseconds: number): string => `[${(microseconds / 1e6).toFixed(6).padStart(12)}]`;

/** A record as dmesg prints it. */
const linesOf = ({ microseconds, text }: KernelLogRecord): string[] =>
  text.split('\n').map((line) => `${timeStamp(microseconds)} ${line}`);

const leftOut = (count: number): string => `${count} lines of a flood are left out here.`;

/** What of the kernel log comes by a serial console. */
interface ConsoleLog {
  readonly merge: LogMerge;
  readonly window: LogWindow<string>;
}

interface Following {
  readonly target: Target;
  readonly stop: AbortController;
  readonly window: LogWindow<KernelLogRecord>;
}

/** One output channel a target: the kernel's log, streamed while the target is connected. */
export class KernelLogs implements vscode.Disposable {
  private readonly channels = new Map<string, LogChannel>();
  private readonly following = new Map<string, Following>();
  private readonly consoleLogs = new Map<string, ConsoleLog>();
  private readonly subscriptions: { dispose(): void }[];

  constructor(
    private readonly manager: TargetManager,
    private readonly consoles: SerialConsoles,
    private readonly log: LogChannel,
  ) {
    this.subscriptions = [
      manager.onDidChange(() => this.update()),
      consoles.onLine((name, line) => {
        const log = this.consoleLog(name);
        const news = log?.merge.fromConsole(line);
        if (news !== undefined) {
          log?.window.take(news);
        }
      }),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
    for (const { stop } of this.following.values()) {
      stop.abort();
    }
    for (const channel of this.channels.values()) {
      channel.dispose();
    }
  }

  /** Shows the log, and follows it from now on where following it had to wait for a person. */
  show(name: string): void {
    const state = this.manager.state(name);
    if (state.kind === 'connected' && !this.following.has(name)) {
      this.follow(name, state);
    }
    this.channel(name).show(true);
  }

  private channel(name: string): LogChannel {
    let channel = this.channels.get(name);
    if (channel === undefined) {
      channel = createLogChannel(`Kernel Log: ${name}`);
      this.channels.set(name, channel);
    }
    return channel;
  }

  /** Undefined: it has no serial console. */
  private consoleLog(name: string): ConsoleLog | undefined {
    let log = this.consoleLogs.get(name);
    if (log === undefined && this.consoles.of(name) !== undefined) {
      log = {
        merge: new LogMerge(this.manager.definition(name)?.kind === 'scratch'),
        window: new LogWindow<string>({
          line: (line) => this.channel(name).info(line),
          leftOut: (count) => this.channel(name).warn(leftOut(count)),
        }),
      };
      this.consoleLogs.set(name, log);
    }
    return log;
  }

  /** What the serial console printed, and the connection did not deliver. */
  private release(name: string): void {
    const lines = this.consoleLog(name)?.merge.release() ?? [];
    if (lines.length > 0) {
      this.channel(name).warn(`What only the serial console of ${name} told:`);
      lines.forEach((line) => this.channel(name).warn(line));
    }
  }

  private update(): void {
    for (const { name } of this.manager.definitions) {
      const state = this.manager.state(name);
      const current = this.following.get(name);
      if (current !== undefined && !(state.kind === 'connected' && state.target === current.target)) {
        current.stop.abort();
        this.following.delete(name);
        current.window.flush();
        this.consoleLog(name)?.merge.disconnect();
        this.release(name);
        if (state.kind === 'lost') {
          this.channel(name).warn(`${state.error.message}. These were the last lines of its kernel.`);
        }
      }
      if (state.kind === 'connected' && state.activity.kind === 'unresponsive') {
        this.release(name);
      }
      // It may ask for a password, and nobody has asked for the log yet.
      if (state.kind === 'connected' && !mayAsk(state.facts) && !this.following.has(name)) {
        this.follow(name, state);
      }
    }
  }

  /** What the kernel before this one kept of its end, where the target has a place for it. */
  private async showCrash(name: string, target: Target): Promise<void> {
    try {
      const text = await execute(target, readPstore);
      if (text !== undefined) {
        this.channel(name).warn(`What ${name} kept of a crash (/sys/fs/pstore):\n${text}`);
      }
    } catch (error) {
      this.log.warn(`${name}: /sys/fs/pstore: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private follow(name: string, { target, facts, returned }: ConnectedState): void {
    const stop = new AbortController();
    const channel = this.channel(name);
    const window = new LogWindow<KernelLogRecord>({
      line: (record) => append(channel, record),
      leftOut: (count) => channel.warn(leftOut(count)),
    });
    const entry = { target, stop, window };
    this.following.set(name, entry);
    const merge = this.consoleLog(name)?.merge;
    merge?.connect();
    const options = {
      asRoot: facts.root !== 'none',
      signal: stop.signal,
      onRecord: (record: KernelLogRecord) => {
        const news =
          merge === undefined || linesOf(record).filter((line) => merge.fromConnection(line)).length > 0;
        if (news) {
          window.take(record);
        }
      },
    };
    if (returned?.rebooted === true && facts.root !== 'none') {
      void this.showCrash(name, target);
    }
    followKernelLog(target, options).catch((error: unknown) => {
      if (stop.signal.aborted || target.lost.aborted) {
        return;
      }
      const reason = error instanceof Error ? error.message : String(error);
      merge?.disconnect();
      this.release(name);
      channel.error(`The kernel log of ${name} can not be followed: ${reason}`);
      this.log.warn(`${name}: kernel log: ${reason}`);
      if (mayAsk(facts) && this.following.get(name) === entry) {
        this.following.delete(name);
      }
    });
  }
}

/** sudo and its like may want a password. */
const mayAsk = ({ root }: TargetFacts): boolean => root !== 'login' && root !== 'none';

function append(channel: LogChannel, { level, microseconds, text }: KernelLogRecord): void {
  const line = `${timeStamp(microseconds)} ${text}`;
  switch (level) {
    case 'emerg':
    case 'alert':
    case 'crit':
    case 'err':
      channel.error(line);
      break;
    case 'warning':
      channel.warn(line);
      break;
    case 'notice':
    case 'info':
      channel.info(line);
      break;
    case 'debug':
      channel.debug(line);
      break;
  }
}
