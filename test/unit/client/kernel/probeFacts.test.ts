import { describe, expect, it } from 'vitest';
import { probeFacts } from '../../../../client/kernel/probeFacts';
import type { TargetFacts } from '../../../../client/targets/target';

const parse = (...lines: string[]): TargetFacts =>
  probeFacts.parse({ exitCode: 0, stdout: Buffer.from(`${lines.join('\n')}\n`), stderr: '' });

describe('the facts of a target', () => {
  it('tell a root login with kmod', () => {
    expect(parse('6.1.0', 'x86_64', 'b-o-o-t', 'root', '0', '', 'kmod version 30')).toEqual({
      release: '6.1.0',
      machine: 'x86_64',
      bootId: 'b-o-o-t',
      user: 'root',
      root: 'login',
      tools: 'kmod',
      toolsVersion: 'kmod version 30',
      kernel: {},
    });
  });

  it('tell a user with sudo, and BusyBox, whose insmod takes --version for a file', () => {
    expect(
      parse(
        '4.9.0',
        'armv7l',
        '',
        'dev',
        '1000',
        'sudo',
        "insmod: can't insert '--version': No such file or directory",
        'BusyBox v1.35.0 (Debian) multi-call binary.',
      ),
    ).toMatchObject({
      bootId: undefined,
      user: 'dev',
      root: 'sudo',
      tools: 'busybox',
      toolsVersion: 'BusyBox v1.35.0 (Debian) multi-call binary.',
    });
  });

  it('tell a user without a name, without sudo and without insmod', () => {
    expect(parse('4.9.0', 'armv7l', '', '', '1000', '', '')).toMatchObject({
      user: '1000',
      root: 'none',
      tools: 'none',
    });
  });

  it('are empty, not wrong, when the target printed nothing', () => {
    expect(parse('')).toMatchObject({ release: '', root: 'none', tools: 'none' });
  });
});
