/** Where a connection writes what it did: command lines, exit codes, durations. Never stdin, never a secret. */
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
