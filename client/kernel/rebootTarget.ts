import type { Command } from './command';

/** Tells the target's init to reboot. It answers, or the connection is gone before it could. */
export const reboot: Command<void> = {
  argv: ['reboot'],
  what: 'reboot',
  asRoot: true,
  timeoutMs: 20_000,
  parse: () => undefined,
};
