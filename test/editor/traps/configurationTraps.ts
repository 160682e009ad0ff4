import { lines, type Trap, type TrapFolder } from './trap';

const MODULES = 300;
const everyModule = Array.from({ length: MODULES }, (_, index) => `m${index}`).join(' ');

/** Links that stand where a configuration file does. */
function layDevices(folder: TrapFolder, directory: string): void {
  folder.link(`${directory}/y-zero.conf`, '/dev/zero');
  folder.link(`${directory}/y-ptmx.conf`, '/dev/ptmx');
  folder.link(`${directory}/y-pagemap.conf`, '/proc/self/pagemap');
  folder.link(`${directory}/y-circle.conf`, 'y-circle.conf');
  folder.pipe(`${directory}/y-pipe.conf`);
}

export const CONFIGURATION_TRAPS: Readonly<Record<string, Trap>> = {
  configuration: {
    looks: [
      { path: 'modprobe.d/chain.conf', as: 'text', hover: [2500, 8] },
      { path: 'modprobe.d/install.conf', as: 'text', hover: [1, 9] },
      { path: 'modprobe.d/softdeps.conf', as: 'text', hover: [150, 10] },
      { path: 'modprobe.d/globs.conf', as: 'text', hover: [20, 9] },
      { path: 'modprobe.d/long.conf', as: 'text', hover: [1, 10] },
      { path: 'depmod.d/search.conf', as: 'text', hover: [1, 9] },
      { path: 'modules-load.d/names.conf', as: 'text', hover: [5, 2] },
    ],
    lay(folder) {
      folder.file(
        'modprobe.d/chain.conf',
        lines(5000, (index) => `alias a${index} a${index + 1}`),
      );
      folder.file(
        'modprobe.d/install.conf',
        `install x :${'\t'.repeat(100_000)}\ninstall y ${'( '.repeat(50_000)}\nremove z ${'\\\n'.repeat(50_000)}\n`,
      );
      folder.file(
        'modprobe.d/softdeps.conf',
        lines(MODULES, (index) => `softdep m${index} pre: ${everyModule}`),
      );
      folder.file(
        'modprobe.d/globs.conf',
        lines(2000, (index) => `alias ${'*a?'.repeat(20)}b g${index}`),
      );
      folder.file(
        'modprobe.d/long.conf',
        `options ${'x'.repeat(1 << 20)} a=1\noptions dummy ${'a=1 '.repeat(1 << 18)}\n# ${'='.repeat(1 << 20)}\n`,
      );
      folder.file(
        'depmod.d/search.conf',
        `search ${'updates '.repeat(50_000)}\n${lines(2000, (index) => `override m${index} * updates`)}`,
      );
      folder.file(
        'modules-load.d/names.conf',
        lines(5000, (index) => `a${index}`),
      );
      for (const directory of ['modprobe.d', 'depmod.d', 'modules-load.d']) layDevices(folder, directory);
    },
  },
  sysroot: {
    looks: [
      { path: 'etc/modprobe.d/a.conf', as: 'text', hover: [1, 10] },
      { path: 'etc/modules-load.d/a.conf', as: 'text', hover: [1, 2] },
    ],
    lay(folder) {
      folder.file('etc/modprobe.d/a.conf', 'options m0 a=1\nalias b m1\nsoftdep m2 pre: m3\n');
      folder.file('etc/modules-load.d/a.conf', 'm0\n');
      layDevices(folder, 'etc/modprobe.d');
      folder.link('etc/modprobe.d/x-out.conf', '/etc/passwd');
      folder.link('usr/lib/modprobe.d', '/dev');
      folder.link('run/modprobe.d', '/proc/self/cwd');
      folder.link('proc/self/cwd/r', '../../..');
      folder.link('lib', '/usr/lib');
      layModuleTree(folder, 'usr/lib/modules/6.1.0-trap');
      folder.link('usr/lib/modules/6.1.0-trap/modules.alias', '/dev/zero');
      folder.pipe('usr/lib/modules/6.1.0-trap/modules.builtin');
    },
  },
  r: {
    looks: [],
    // What `../../proc/self/cwd/r` is for a process whose directory is the workspace.
    lay(folder) {
      layModuleTree(folder, '.');
      folder.link('modules.alias', '/dev/zero');
    },
  },
  names: {
    looks: [
      { path: '$(touch x)/Kbuild', as: 'text', hover: [1, 11] },
      { path: 'modprobe.d/second.conf', as: 'text', hover: [1, 10] },
      { path: 'modprobe.d/$(touch x).conf', as: 'text', hover: [1, 10] },
    ],
    lay(folder) {
      folder.file('$(touch x)/Kbuild', 'obj-m := $(shell touch x).o;touch x.o `touch x`.o\n');
      folder.file('modprobe.d/first\nsecond.conf', 'options dummy a=1\n');
      folder.file('modprobe.d/\u202efnoc.oof.conf', 'options dummy a=1\n');
      folder.file('modprobe.d/$(touch x).conf', 'options dummy a=1\n');
      folder.file('modprobe.d/<img src=x onerror=alert(1)>.conf', 'options dummy a=1\n');
      folder.file('`touch x`.ko', 'no module');
      folder.file('-oProxyCommand=touch x.ko', 'no module');
    },
  },
};

/** What depmod wrote, where every one of 600 modules needs all others; and no line ends. */
function layModuleTree(folder: TrapFolder, directory: string): void {
  const all = Array.from({ length: 600 }, (_, index) => `k/m${index}.ko`).join(' ');
  folder.file(
    `${directory}/modules.dep`,
    lines(600, (index) => `k/m${index}.ko: ${all}`),
  );
  folder.file(
    `${directory}/modules.symbols`,
    lines(5000, (index) => `alias symbol:${'*?'.repeat(18)}${index} m0`),
  );
  folder.file(
    `${directory}/modules.softdep`,
    lines(MODULES, (index) => `softdep m${index} pre: ${everyModule}`),
  );
}
