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

  it.each(['../../home/me/evil', '..', 'a b', '6.1/../..', '$(bug)', '\u202e0.1.6', 'x'.repeat(65)])(
    'have no release where the target says %j',
    (release) => expect(parse(release).release).toBe(''),
  );

  it('keep what a distribution may call its kernel', () => {
    for (const release of [
      '6.1.0-56-cloud-amd64',
      '5.4.0+',
      '6.6.30_1~rc2@me,x:y=1',
      '4.9.337-g1a2b3c-dirty',
    ]) {
      expect(parse(release).release).toBe(release);
    }
  });

  it('are short, and of characters that are seen', () => {
    const facts = parse('6.1.0', `x86\u202e\u0007_64${'!'.repeat(5000)}`, '', 'ro\u200bot', '0', '', '');
    expect(facts.machine).toMatch(/^x86_64!{94}$/);
    expect(facts.user).toBe('root');
  });

  it('are empty, not wrong, when the target printed nothing', () => {
    expect(parse('')).toMatchObject({ release: '', root: 'none', tools: 'none' });
  });
});
