import type { Target } from '../targets/target';
import { execute, type Command } from './command';

/** How a connected target does. */
export interface TargetStatus {
  /** When it booted, on performance.now()'s clock: this machine's date and the target's do not matter. */
  readonly bootedAt: number;
  /** What a command that does nothing much takes, from here to there and back, milliseconds. */
  readonly latency: number;
  /** /proc/sys/kernel/tainted; undefined where it can not be read. */
  readonly taint: number | undefined;
}

const STATUS: Command<{ readonly uptime: number; readonly taint: number | undefined }> = {
  argv: ['cat', '/proc/uptime', '/proc/sys/kernel/tainted'],
  accepts: [0, 1],
  timeoutMs: 10_000,
  parse: ({ stdout }) => {
    const [uptime = '', taint = ''] = stdout.toString('latin1').split('\n');
    return {
      uptime: Number.parseFloat(uptime) * 1000,
      taint: /^\d+$/.test(taint) ? Number(taint) : undefined,
    };
  },
};

/** Reads how a target does. @throws all that Target.run throws, CommandFailedError */
export async function readStatus(target: Target): Promise<TargetStatus> {
  const began = performance.now();
  const { uptime, taint } = await execute(target, STATUS);
  const now = performance.now();
  return { bootedAt: now - uptime, latency: now - began, taint };
}
