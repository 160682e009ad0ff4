import { describe, expect, it } from 'vitest';
import { SerialConsole } from '../../../../../client/targets/serial/serialConsole';

describe('the serial console', () => {
  it('tells whole lines, however they arrive', () => {
    const lines: string[] = [];
    const serial = new SerialConsole();
    serial.onLine((line) => lines.push(line));
    ['one\r\ntw', 'o\r', '\nthree'].forEach((chunk) => serial.take(chunk));
    expect(lines).toEqual(['one', 'two']);
  });

  it('keeps its end only', () => {
    const serial = new SerialConsole();
    for (let index = 0; index < 40; index += 1) {
      serial.take('x'.repeat(10_000));
    }
    serial.take('the end');
    expect(serial.text.length).toBe(256 * 1024);
    expect(serial.text.endsWith('the end')).toBe(true);
  });

  it('tells a panic', () => {
    const serial = new SerialConsole();
    expect(serial.panic).toBeUndefined();
    serial.take('[    4.398] Kernel panic - not syncing: sysrq triggered crash\r\n[    4.4] CPU: 0\r\n');
    expect(serial.panic).toBe('Kernel panic - not syncing: sysrq triggered crash');
  });

  it('takes what is meant to be slow', () => {
    const serial = new SerialConsole();
    const lines: string[] = [];
    serial.onLine((line) => lines.push(line));
    serial.take(`${'\r'.repeat(250_000)}x\n`);
    for (let count = 0; count < 300_000; count += 1) {
      serial.take('\r');
    }
    serial.take(`x\n${'y'.repeat(1_000_000)}\n`);
    expect(lines.map(({ length }) => length)).toEqual([0, 0, 8192]);
  });
});
