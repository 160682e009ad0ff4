import * as vscode from 'vscode';
import { followKernelLog } from '../kernel/kernelLog';
import type { KernelLogRecord } from '../kernel/kmsg';
import type { TargetManager } from '../targets/targetManager';
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

  show(name: string): void {
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
      const target = state.kind === 'connected' ? state.target : undefined;
      const current = this.following.get(name);
      if (current?.target !== target) {
        current?.stop.abort();
        this.following.delete(name);
        if (target !== undefined) {
          this.follow(name, target);
        }
      }
    }
  }

  private follow(name: string, target: Target): void {
    const stop = new AbortController();
    this.following.set(name, { target, stop });
    const channel = this.channel(name);
    followKernelLog(target, { signal: stop.signal, onRecord: (record) => append(channel, record) }).catch(
      (error: unknown) => {
        if (!stop.signal.aborted && !target.lost.aborted) {
          const reason = error instanceof Error ? error.message : String(error);
          channel.error(`The kernel log of ${name} can not be followed: ${reason}`);
          this.log.warn(`${name}: kernel log: ${reason}`);
        }
      },
    );
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
