import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../kmod/config/parse';

const SYSTEMD = '/lib/systemd/systemd-modules-load';

const namesIn = (source: string) =>
  parseConfig('modules-load', source).nodes.flatMap((node) =>
    node.kind === 'module' ? [node.name.text] : [],
  );

/** The names that systemd-modules-load looks for; they are made up, so it finds and loads none. */
function systemdNamesIn(source: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'modules-load-'));
  try {
    const file = join(directory, 'x.conf');
    writeFileSync(file, source);
    const { stdout, stderr } = spawnSync(SYSTEMD, [file], {
      encoding: 'utf8',
      env: { SYSTEMD_LOG_LEVEL: 'debug', SYSTEMD_LOG_TARGET: 'console', SYSTEMD_LOG_COLOR: '0' },
    });
    return [...(stdout + stderr).matchAll(/^Loading module: (.*)$/gm)].map(([, name]) => name ?? '');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('parseConfig of modules-load.d', () => {
  it('takes a trimmed line as a name, # and ; as comments, CR and NUL as line ends', () => {
    expect(namesIn('foo \r bar baz\r\n;c\n  # d\nqux # x\n a\0b\nloop\\\nx\n')).toEqual([
      ...['foo', 'bar baz', 'qux # x', 'a', 'b', 'loop\\', 'x'],
    ]);
  });

  it('takes the names that systemd-modules-load takes', { timeout: 600_000 }, () => {
    const unit = fc.constantFrom(
      'zz1',
      'zz2',
      ' ',
      '\t',
      '\n',
      '\n',
      '\r',
      '\0',
      '#',
      ';',
      '\\',
      '\v',
      '\u00A0',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (source) => {
        expect(namesIn(source)).toEqual(systemdNamesIn(source));
      }),
      { numRuns: 200 },
    );
  });
});
