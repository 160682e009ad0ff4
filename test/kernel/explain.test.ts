import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../client/kernel/command';
import { describeSystem } from '../../client/kernel/describeSystem';
import { readModprobeSystem } from '../../client/kernel/modprobeSystem';
import { formatShowDepends } from '../../kmod/config/probe';
import { explain } from '../../server/language/features/explain';
import type { TargetSystemFiles } from '../../server/protocol';
import { planOnTarget } from '../../server/targetProbes';
import { useScratch } from './scratch';

/** Configuration in all places where kmod looks, by paths. */
const FILES = {
  '/etc/modprobe.d/a.conf': `options dummy numdummies=2   # two
options dm-zero from=etc
alias my-* dummy
alias my-zero dm-zero
options my-zero by=alias
blacklist dm_zero
softdep dummy pre: dm-zero post: no-such
install loop /bin/true
`,
  '/etc/modprobe.d/ignored.txt': 'options dummy ignored=1\n',
  '/etc/modprobe.d/.hidden.conf': 'options dummy hidden=1\n',
  '/etc/modprobe.d/masked.conf': '',
  '/run/modprobe.d/b.conf': 'options dummy from=run\n',
  '/lib/modprobe.d/masked.conf': 'options dummy masked=1\n',
  '/lib/modprobe.d/c.conf': 'options dummy from=lib\nremove dummy /bin/false\n',
};

/** By name, by alias of a file, of a module and of the kernel; built in; unknown. */
const NAMES = ['dummy', 'dm-zero', 'my-net', 'my-zero', 'loop', 'devname:loop-control', 'rtc-cmos', 'nope'];
const MORE = [
  'virtio_net',
  'pci:v00001AF4d00001041sv*',
  'virtio:d00000001v00001AF4',
  'fs-ext4',
  'ext4',
  'xfs',
];

describe.each([
  ['kmod', true],
  ['BusyBox', false],
] as const)('what the modprobe of %s would do', (tools, kmod) => {
  const scratch = useScratch({ kmod });
  let system: TargetSystemFiles;
  const plan = (name: string) =>
    planOnTarget(name, { label: 'scratch', release: scratch.facts.release }, system, 34);

  beforeAll(async () => {
    for (const [path, text] of Object.entries(FILES)) {
      await scratch.target.run(['sh', '-c', 'mkdir -p "${1%/*}" && cat >"$1"', 'sh', path], {
        stdin: Buffer.from(text),
      });
    }
    await scratch.shell(
      'mkdir /etc/modprobe.d/sub.conf; mkfifo /etc/modprobe.d/fifo.conf; ln -s /dev/zero /etc/modprobe.d/zero.conf; ln -s /nowhere /etc/modprobe.d/c.conf',
    );
    const read = await execute(scratch.target, readModprobeSystem(scratch.facts.release));
    system = describeSystem(read, (path) => `kmod-target://scratch${path}`);
    await scratch.shell('cd /etc/modprobe.d && rm -r sub.conf fifo.conf zero.conf');
  });

  it.each([...NAMES, ...MORE])('is what it shows of %s itself', async (name) => {
    // BusyBox prints a blank behind options and none without: words are what counts.
    const words = (text: string) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !(kmod ? '' : line.startsWith('builtin ')));
    const shown = await scratch.target.run(['modprobe', '-D', name]);
    const { plan: planned } = await plan(name);
    expect(words(formatShowDepends(planned))).toEqual(words(shown.stdout.toString()));
  });

  it('is told with the lines that cause it', async () => {
    const text = explain('dummy', await plan('dummy')).source;
    expect(text).toContain(`scratch, kernel ${scratch.facts.release}`.replaceAll(/[-.]/g, '\\$&'));
    expect(text).toContain(encodeURIComponent('kmod-target://scratch/etc/modprobe.d/a.conf#L1'));
    expect(text.includes('BusyBox')).toBe(tools === 'BusyBox');
  });

  it('is nothing for a module that is loaded already', async () => {
    await scratch.shell('modprobe -a dm_mod');
    const read = await execute(scratch.target, readModprobeSystem(scratch.facts.release));
    system = describeSystem(read, (path) => `kmod-target://scratch${path}`);
    expect(explain('dm-mod', await plan('dm-mod')).source).toContain(
      '**Nothing is done:** the module is loaded',
    );
  });
});
