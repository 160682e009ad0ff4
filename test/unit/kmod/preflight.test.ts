import { describe, expect, it } from 'vitest';
import type { ModuleFile, ModuleInfo } from '../../../kmod/modinfo';
import { preflight, type TargetFacts } from '../../../kmod/preflight';

const VERMAGIC = '6.1.0 SMP mod_unload modversions ';

function module(
  changes: { depends?: string; vermagic?: string; hasCrcs?: boolean; architecture?: string } = {},
) {
  const { depends = '', vermagic = VERMAGIC, hasCrcs = true, architecture = 'x86_64' } = changes;
  const info: ModuleInfo = {
    name: 'hello',
    entries: [
      { key: 'depends', value: depends },
      ...(vermagic === '' ? [] : [{ key: 'vermagic', value: vermagic }]),
    ],
    parameters: [
      { name: 'count', type: 'int' },
      { name: 'who', type: 'charp' },
      { name: 'odd', description: 'no type' },
    ],
    architecture,
  };
  return { info, bits: 64, hasCrcs } satisfies ModuleFile;
}

const target = {
  machine: 'x86_64',
  release: '6.1.0',
  vermagic: VERMAGIC,
  loaded: [{ name: 'chain_base', state: 'live' }],
  builtin: new Set(['unix']),
} satisfies TargetFacts;

const codes = (...problems: Parameters<typeof preflight>) =>
  preflight(...problems).map(({ severity, code }) => `${severity} ${code}`);

describe('before a load', () => {
  it('nothing is said of a module that fits', () => {
    expect(preflight(module({ depends: 'chain-base,unix' }), target)).toEqual([]);
  });

  it('nothing is said of a target of which nothing is known', () => {
    expect(preflight(module({ vermagic: '2.4.0 odd', depends: 'other' }), {})).toEqual([]);
  });

  describe('the kernel', () => {
    it('without loadable modules takes none', () => {
      expect(codes(module(), { ...target, kernel: { modules: false } })).toEqual(['error no-modules']);
    });

    it.each([
      { signaturesEnforced: true },
      { lockdown: 'integrity' },
      { lockdown: 'confidentiality' },
    ] as const)('that is %j takes no unsigned module', (kernel) => {
      expect(codes(module(), { ...target, kernel })).toEqual(['error signature']);
    });

    it.each([{ signaturesEnforced: false, lockdown: 'none' }, {}] as const)(
      'that is %j takes one',
      (kernel) => {
        expect(codes(module(), { ...target, kernel })).toEqual([]);
      },
    );

    it('that checks signatures is asked about a signed one, also where modinfo does not read how', () => {
      const { info, ...file } = module();
      const signed = { ...file, info: { ...info, signed: true as const } };
      expect(codes(signed, { ...target, kernel: { signaturesEnforced: true } })).toEqual([]);
    });

    it('that is never rid of a module warns', () => {
      expect(codes(module(), { ...target, kernel: { unloads: false } })).toEqual(['warning no-unload']);
    });
  });

  describe('the architecture', () => {
    it.each([
      ['i386', 'i686'],
      ['arm', 'armv7l'],
      ['arm', 'armv5tel'],
      ['arm', 'armv8l'],
      ['aarch64', 'armv8l'],
      ['aarch64', 'aarch64'],
      ['riscv64', 'riscv64'],
      ['s390x', 's390x'],
      ['sh4', 'sh4a'],
      ['machine 4660', 'x86_64'],
    ])('%s runs on a target that is %s', (architecture, machine) => {
      expect(preflight(module({ architecture }), { machine })).toEqual([]);
    });

    it.each([
      ['x86_64', 'i686'],
      ['i386', 'x86_64'],
      ['arm', 'aarch64'],
      ['arm', 'armv7b'],
      ['mips', 'mips64'],
      ['ppc64', 'ppc64le'],
      ['riscv32', 'riscv64'],
    ])('%s does not run on a target that is %s', (architecture, machine) => {
      expect(codes(module({ architecture }), { machine })).toEqual(['error architecture']);
    });

    it('is told alone, with what to do', () => {
      const problems = preflight(
        module({ architecture: 'aarch64', vermagic: 'other', depends: 'x' }),
        target,
      );
      expect(problems.map(({ message }) => message)).toEqual([
        'hello is built for aarch64, the target is x86_64: the kernel would answer "Invalid module format". Build it for the target, with its ARCH and CROSS_COMPILE.',
      ]);
    });
  });

  describe('the vermagic', () => {
    it('of another release does not matter with symbol CRCs', () => {
      const other = module({ vermagic: VERMAGIC.replace('6.1.0', '6.1.9') });
      expect(preflight(other, target)).toEqual([]);
      expect(preflight(other, { release: '6.1.0' })).toEqual([]);
    });

    it('of another release matters without, even where only the release is known', () => {
      const other = module({ vermagic: '6.1.9 SMP mod_unload ', hasCrcs: false });
      expect(codes(other, { release: '6.1.0' })).toEqual(['error vermagic']);
      expect(preflight(other, { vermagic: '6.1.0 SMP mod_unload ' })[0]?.message).toBe(
        'hello is built for kernel 6.1.9, the target runs 6.1.0: the kernel would answer "Invalid module format". Build it against the target\'s kernel.',
      );
    });

    it('with other flags is told flag by flag', () => {
      const [problem] = preflight(module({ vermagic: '6.1.0 SMP preempt_rt modversions ' }), target);
      expect(problem?.message).toContain(
        'hello lacks "mod_unload" of the target\'s kernel and is built with "preempt_rt", which the target\'s kernel is not:',
      );
    });

    it('that differs only in order is shown', () => {
      const [problem] = preflight(module({ vermagic: '6.1.0 mod_unload SMP modversions' }), target);
      expect(problem?.message).toContain('has the version magic "6.1.0 mod_unload SMP modversions" where');
    });

    it('that is missing is a warning', () => {
      expect(codes(module({ vermagic: '' }), target)).toEqual(['warning vermagic']);
    });
  });

  describe('a module of that name', () => {
    it.each([
      ['live', 'already-loaded', 'the kernel would answer "File exists" and keep the old one'],
      ['loading', 'loading', 'a second insmod would wait for it'],
      ['unloading', 'unloading', 'is being unloaded'],
    ] as const)('that is %s is told', (state, code, words) => {
      const problems = preflight(module(), { loaded: [{ name: 'hello', state }] });
      expect(problems).toMatchObject([{ severity: 'error', code }]);
      expect(problems[0]?.message).toContain(words);
    });
  });

  describe('what the module depends on', () => {
    it('and is neither loaded nor built in is an error', () => {
      expect(preflight(module({ depends: 'chain-base,unix,virtio,usb-core' }), target)).toEqual([
        {
          severity: 'error',
          code: 'missing-dependency',
          message:
            'hello needs virtio, usb_core, which are not loaded: insmod would fail with "Unknown symbol in module". Load virtio, usb_core first, or install hello and use modprobe.',
        },
      ]);
    });

    it('is a warning where it is not known what is built in', () => {
      const { builtin: _, ...facts } = target;
      expect(preflight(module({ depends: 'unix' }), facts)).toMatchObject([
        {
          severity: 'warning',
          message: expect.stringContaining('unless they are part of the kernel') as string,
        },
      ]);
    });

    it('counts only when it is live', () => {
      const loading = { ...target, loaded: [{ name: 'chain_base', state: 'loading' as const }] };
      expect(codes(module({ depends: 'chain_base' }), loading)).toEqual(['error missing-dependency']);
    });
  });

  describe('a parameter', () => {
    it('that the module has, with a value of its type, is fine', () => {
      const parameters = [{ name: 'count', value: '0x10' }, { name: 'who', value: 'a b' }, { name: 'odd' }];
      expect(preflight(module(), target, parameters)).toEqual([]);
    });

    it('that every module takes is fine', () => {
      const parameters = [{ name: 'async_probe' }, { name: 'dyndbg', value: '+p' }];
      expect(preflight(module(), target, parameters)).toEqual([]);
    });

    it('that the module lacks is ignored by the kernel', () => {
      expect(preflight(module(), target, [{ name: 'cuont', value: '1' }])).toEqual([
        {
          severity: 'warning',
          code: 'unknown-parameter',
          message:
            'hello lists no parameter "cuont": the kernel would ignore it and only say so in its log. It has count, who, odd.',
        },
      ]);
    });

    it('with a value that its type refuses stops the load', () => {
      const [problem] = preflight(module(), target, [{ name: 'count', value: 'many' }]);
      expect(problem).toMatchObject({ severity: 'error', code: 'parameter-value' });
      expect(problem?.message).toMatch(/^hello: parameter count: "many" is no int: .* "Invalid parameters"/);
    });
  });
});
