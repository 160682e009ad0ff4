import { describe, expect, it } from 'vitest';
import { LogMerge } from '../../../../client/kernel/logMerge';

const at = (seconds: number, text: string): string => `[    ${seconds.toFixed(6)}] ${text}`;

describe('a log that comes by a connection and by a serial console', () => {
  it('is shown once, whichever side is first', () => {
    const merge = new LogMerge(false);
    merge.connect();

    expect(merge.fromConnection(at(1, 'one'))).toBe(true);
    expect(merge.fromConsole(`${at(1, 'one')}\r`)).toBeUndefined();
    expect(merge.fromConsole(at(2, 'two'))).toBeUndefined();
    expect(merge.fromConnection(at(2, 'two'))).toBe(true);

    expect(merge.release()).toEqual([]);
  });

  it('has, after the end of the connection, what only the console told', () => {
    const merge = new LogMerge(false);
    merge.connect();
    merge.fromConnection(at(1, 'fine'));
    for (const line of [
      at(1, 'fine'),
      'board login: ',
      at(2, 'BUG: unable to handle'),
      'RIP: 0010',
      at(3, 'panic'),
    ]) {
      merge.fromConsole(line);
    }

    merge.disconnect();

    expect(merge.release()).toEqual([at(2, 'BUG: unable to handle'), 'RIP: 0010', at(3, 'panic')]);
    expect(merge.release()).toEqual([]);
  });

  it('comes from the console alone while there is no connection, and not again with the next one', () => {
    const merge = new LogMerge(false);

    expect(merge.fromConsole('U-Boot 2024.01')).toBe('U-Boot 2024.01');
    expect(merge.fromConsole(at(0, 'Linux version'))).toBe(at(0, 'Linux version'));
    merge.connect();

    expect(merge.fromConnection(at(0, 'Linux version'))).toBe(false);
    expect(merge.fromConnection(at(0, 'Command line'))).toBe(true);
  });

  it('is one log where the console has other stamps: none, a level, the caller', () => {
    const merge = new LogMerge(false);
    merge.connect();
    const lines = ['none', 'level', 'caller'].map((text) => at(1, text));
    lines.forEach((line) => merge.fromConnection(line));

    for (const line of ['none', `<6>${at(1, 'level')}`, '[    1.000000][    T1] caller']) {
      merge.fromConsole(line);
    }

    expect(merge.release()).toEqual([]);
  });

  it('leaves to a terminal what is not the kernel’s, where others print on the console', () => {
    const merge = new LogMerge(true);
    expect(merge.fromConsole('Please press Enter to activate this console.')).toBeUndefined();
    expect(merge.fromConsole(at(1, 'Oops'))).toBe(at(1, 'Oops'));
  });

  it('remembers so much, and no more', () => {
    const merge = new LogMerge(false);
    merge.connect();
    for (let line = 0; line < 10_000; line += 1) {
      merge.fromConsole(at(line, 'flood'));
    }
    const kept = merge.release();
    expect(kept.length).toBe(4000);
    expect(kept.at(-1)).toBe(at(9999, 'flood'));
  });
});
