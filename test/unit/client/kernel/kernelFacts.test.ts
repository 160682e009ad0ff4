import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KERNEL_PROBE, parseKernelFacts } from '../../../../client/kernel/kernelFacts';

describe('what a kernel lets be done', () => {
  it('is read from its configuration', () => {
    const facts = parseKernelFacts([
      'CONFIG_MODULES=y',
      'CONFIG_MODVERSIONS=y',
      'config /proc/config.gz',
      'modules',
      'sig_enforce N',
      'lockdown none [integrity] confidentiality',
      'tainted 4097',
      'nosyms',
      'dynamic_debug',
    ]);
    expect(facts).toEqual({
      config: new Map([
        ['MODULES', 'y'],
        ['MODVERSIONS', 'y'],
      ]),
      configFile: '/proc/config.gz',
      modules: true,
      unloads: false,
      modversions: true,
      signaturesEnforced: false,
      lockdown: 'integrity',
      symbolAddresses: false,
      dynamicDebug: true,
      taint: 4097,
    });
  });

  it('is unknown, not wrong, where nothing could be read or unpacked', () => {
    expect(parseKernelFacts([])).toEqual({});
    expect(parseKernelFacts(['config /proc/config.gz'])).toEqual({});
    expect(parseKernelFacts(['sig_enforce ?', 'lockdown x', 'tainted -1', '<img onerror>'])).toEqual({});
  });

  it.each(['constructor', '__proto__', 'toString'])('knows nothing by the name of %s', (name) => {
    expect(parseKernelFacts([`sig_enforce ${name}`])).toEqual({});
  });

  it('has no signatures to enforce where its configuration has none', () => {
    expect(parseKernelFacts(['CONFIG_MODULES=y', 'config x']).signaturesEnforced).toBe(false);
  });

  it.each([['sh'], ['busybox', 'sh']])('is asked of this machine by %s', (...shell) => {
    const [program = '', ...rest] = shell;
    const text = execFileSync(program, [...rest, '-c', KERNEL_PROBE], { encoding: 'utf8' });
    const facts = parseKernelFacts(text.split('\n'));
    expect(facts.taint).toBe(Number(readFileSync('/proc/sys/kernel/tainted', 'utf8')));
    if (facts.config !== undefined) {
      expect(facts.config.get('MODULES') === 'y').toBe(facts.modules);
    }
  });
});
