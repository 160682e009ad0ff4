import * as vscode from 'vscode';
import { followKernelLog } from '../kernel/kernelLog';
import type { KernelLogRecord } from '../kernel/kmsg';
import type { ConnectedState, TargetManager } from '../targets/targetManager';
import type { Target } from '../targets/target';

/** Seconds since boot as dmesg prints them. */
const timeStamp = (microseconds: number): string => `[${(microseconds / 1e6).toFixed(6).padStart(12)}]`;

/** One output channel a target: the kernel's log, streamed while the target is connected. */
export class KernelLogs implements vscode.Disposable {
  private readonly channels = new Map<string, vscode.LogOutputChannel>();
  private readonly following = new Map<string, { target: Target; stop: AbortController }>();
  private readonly subscription: { dispose(): void };

  constructor(
    private readonly manager: TargetManager,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscription = manager.onDidChange(() => this.update());
  }

  dispose(): void {
    this.subscription.dispose();
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

  private channel(name: string): vscode.LogOutputChannel {
    let channel = this.channels.get(name);
    if (channel === undefined) {
      channel = vscode.window.createOutputChannel(`Kernel Log: ${name}`, { log: true });
      this.channels.set(name, channel);
    }
    return channel;
  }

  private update(): void {
    for (const { name } of this.manager.definitions) {
      const state = this.manager.state(name);
      const current = this.following.get(name);
      if (current !== undefined && !(state.kind === 'connected' && state.target === current.target)) {
        current.stop.abort();
        this.following.delete(name);
      }
      // sudo may ask for a password, and nobody has asked for the log yet.
      if (state.kind === 'connected' && state.facts.root !== 'sudo' && !this.following.has(name)) {
        this.follow(name, state);
      }
    }
  }

  private follow(name: string, { target, facts }: ConnectedState): void {
    const stop = new AbortController();
    const entry = { target, stop };
    this.following.set(name, entry);
    const channel = this.channel(name);
    const options = {
      asRoot: facts.root !== 'none',
      signal: stop.signal,
      onRecord: (record: KernelLogRecord) => append(channel, record),
    };
    followKernelLog(target, options).catch((error: unknown) => {
      if (stop.signal.aborted || target.lost.aborted) {
        return;
      }
      const reason = error instanceof Error ? error.message : String(error);
      channel.error(`The kernel log of ${name} can not be followed: ${reason}`);
      this.log.warn(`${name}: kernel log: ${reason}`);
      if (facts.root === 'sudo' && this.following.get(name) === entry) {
        this.following.delete(name);
      }
    });
  }
}

function append(channel: vscode.LogOutputChannel, { level, microseconds, text }: KernelLogRecord): void {
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
