import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { residentCommand } from '../../../../client/targets/remoteShell';
import { GIVEN, script } from '../../../../client/targets/script';

/** The shells of targets: of Debian, of BusyBox, and of those that have bash as sh. */
const SHELLS = [['dash'], ['busybox', 'sh'], ['bash', '--posix']];

const ranBy = ([shell = '', ...options]: readonly string[], text: string) => {
  const { stdout, stderr } = spawnSync(shell, options, { input: text, maxBuffer: 1 << 26 });
  return { stdout, stderr: stderr.toString() };
};

describe.each(SHELLS.map((shell) => ({ shell })))('$shell', ({ shell }) => {
  it.each(['cat', `${GIVEN}given`])('gives %j any bytes as its stdin', (text) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (data) => {
        const { stdout, stderr } = ranBy(shell, `${residentCommand(script(text, []), data).text}\n`);
        expect(stderr).toBe('');
        expect(stdout.equals(data)).toBe(true);
      }),
      { numRuns: 60, examples: [[Buffer.from('-n')], [Buffer.from("%s\\0'\n")], [Buffer.alloc(32_768)]] },
    );
  });

  it('runs a script itself, with its arguments as they are, and keeps nothing of it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        const args = words.map((word) => word.replaceAll('\0', ''));
        const command = residentCommand(script('kept=1; cd /; printf "%s\\0" "$@"; exit 3', args));
        const { stdout } = ranBy(shell, `${command.text} & wait $!; echo "$? $kept $#"\n`);
        expect(stdout.toString()).toBe(
          `${args.map((arg) => `${arg}\0`).join('')}${args.length === 0 ? '\0' : ''}3  0\n`,
        );
      }),
      { numRuns: 60 },
    );
  });
});
