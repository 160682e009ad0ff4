import { describe, expect, it } from 'vitest';
import { explainLoadFailure, ignoredParameters } from '../../../../client/kernel/explainFailure';

const explain = (stderr: string, ...kernelLog: string[]): string =>
  explainLoadFailure({ module: 'x', stderr, kernelLog: kernelLog.map((line) => `[    1.000000] ${line}`) });

const KMOD = (text: string): string => `insmod: ERROR: could not insert module /tmp/x.ko: ${text}`;
const BUSYBOX = (text: string): string => `insmod: can't insert '/tmp/x.ko': ${text}`;

describe('why a load failed', () => {
  it.each([
    [
      'x: disagrees about version of symbol module_layout',
      'Invalid parameters',
      'the CRC of module_layout differs',
    ],
    [
      "x: version magic '5.10.0 SMP ' should be '6.1.0 SMP preempt '",
      'Invalid module format',
      'built for "5.10.0 SMP", and this kernel is "6.1.0 SMP preempt"',
    ],
    [
      "x: `abc' invalid for parameter `count'",
      'Invalid parameters',
      'the parameter count does not take "abc"',
    ],
    [
      'Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7',
      'Operation not permitted',
      'locked down',
    ],
    ['Loading of unsigned module is rejected', 'Key was rejected by service', 'signed with a key it trusts'],
    ['x: no symbol version for foo', 'Unknown symbol in module', 'it has no CRC for foo'],
    [
      'BUG: kernel NULL pointer dereference, address: 0000000000000000',
      '',
      'crashed (oops) while it initialised x',
    ],
  ])('is told by the kernel’s line %j', (line, errno, text) => {
    expect(explain(KMOD(errno), 'something else', line)).toContain(text);
  });

  it('names every unknown symbol once', () => {
    expect(explain(KMOD('Unknown symbol in module'), 'x: Unknown symbol foo (err -2)')).toBe(
      'no loaded module exports the symbol foo (unknown symbol). Load the module that exports it first',
    );
    const lines = ['a', 'b', 'b', 'c', 'd'].map((name) => `x: Unknown symbol ${name} (err -2)`);
    expect(explain(KMOD('Unknown symbol in module'), ...lines)).toContain('the symbols a, b, c, and 1 more');
  });

  it.each([
    ['File exists', 'x is already loaded'],
    ['Invalid module format', 'invalid module format'],
    ['Key was rejected by service', 'signed with a key it trusts'],
    ['Required key not available', 'signed with a key it trusts'],
    ['Operation not permitted', 'does not permit it'],
    ['Cannot allocate memory', 'not enough memory'],
    ['No such device', 'found no device it drives'],
    ['Device or resource busy', 'in use (EBUSY)'],
    ['Invalid parameters', 'EINVAL'],
  ])('is told by kmod’s "%s" where the kernel logged nothing', (errno, text) => {
    expect(explain(KMOD(errno))).toContain(text);
  });

  it.each([
    ['invalid module format', 'invalid module format'],
    ['unknown symbol in module, or unknown parameter', 'unknown symbol'],
    ['module has wrong symbol version', 'built against another kernel'],
    ['Invalid argument', 'EINVAL'],
    ['File exists', 'already loaded'],
  ])('is told by BusyBox’s "%s" as well', (errno, text) => {
    expect(explain(BUSYBOX(errno))).toContain(text);
  });

  it('quotes the last words of the module, not those about its taints', () => {
    expect(
      explain(
        KMOD('Invalid parameters'),
        'x: loading out-of-tree module taints kernel.',
        'x: module verification failed: signature and/or required key missing - tainting kernel',
        'y: another',
        'x: count is 99',
      ),
    ).toMatch(/It said: "x: count is 99"$/);
    expect(explain(KMOD('Invalid parameters'), 'x: loading out-of-tree module taints kernel.')).not.toContain(
      'It said',
    );
  });

  it('is the tool’s own words where nothing is known', () => {
    expect(explain(KMOD('Strange new error'))).toBe('could not insert module /tmp/x.ko: Strange new error');
    expect(explain('')).toBe('it failed without a word');
  });
});

describe('ignored parameters', () => {
  it('are read from the kernel log', () => {
    expect(
      ignoredParameters([
        "[ 1.0] x: unknown parameter 'a' ignored",
        "[ 1.0] x: unknown parameter `b' ignored",
        '[ 1.0] x: c',
      ]),
    ).toEqual(['a', 'b']);
  });
});

describe('a kernel log that was made to be slow', () => {
  it.each(["`'", 'x: ', "version magic '", 'Lockdown: ', "unknown parameter '", 'Unknown symbol ', ' ', 'a'])(
    'of %j is read in no time',
    (word) => {
      const line = word.repeat(100_000).slice(0, 100_000);
      const kernelLog = Array<string>(500).fill(line);
      expect(explainLoadFailure({ module: 'x', stderr: line, kernelLog }).length).toBeLessThan(20_000);
      expect(ignoredParameters([line])).toEqual([]);
    },
    2000,
  );
});
