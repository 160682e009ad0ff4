import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TrapFolder } from './trap';

/** What the extension, or an editor, might start by its name alone. */
const PROGRAMS = [
  ...['modprobe', 'kmod', 'modinfo', 'depmod', 'insmod', 'lsmod', 'rmmod', 'ssh', 'ssh-keygen', 'ssh-add'],
  ...[
    'make',
    'gcc',
    'clang',
    'clangd',
    'ld',
    'sh',
    'bash',
    'env',
    'uname',
    'dpkg-query',
    'rpm',
    'git',
    'sudo',
  ],
  ...['qemu-system-x86_64', 'qemu-img', 'cpio', 'xz', 'zstd', 'gzip', 'setpriv', 'node', 'which', 'klist'],
];

/** For files.exclude: each folder has them, and the Explorer would show nothing else. */
export const HIDDEN_PROGRAMS = Object.fromEntries(PROGRAMS.map((name) => [`**/${name}`, true]));

/** Finds what is named in the directory that a process is in, before and after all others, and by empty elements. */
export const TRAP_PATH = '.::/usr/bin:/bin:.:';

/** Puts the programs into the workspace and each of its folders. Whichever is run says so in a file. */
export function layPrograms(workspace: string, marker: string): void {
  // The shell has printf itself: a trap that starts a program might start a trap.
  const script = `#!/bin/sh\nprintf '%s\\n' "$0 of $PPID in $PWD: $*" >> '${marker}'\n`;
  const folders = readdirSync(workspace, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const folder of ['.', 'node_modules/.bin', ...folders.map(({ name }) => name)]) {
    for (const name of PROGRAMS) new TrapFolder(join(workspace, folder)).file(name, script, 0o755);
  }
  new TrapFolder(workspace).file('Makefile', `obj-m := x.o\nX := $(shell printf make >> '${marker}')\n`);
}

/** Every setting of the extension as an attacker would have it, and tasks that want to run at once. */
export function laySettings(workspace: string, marker: string): void {
  const folder = new TrapFolder(join(workspace, '.vscode'));
  const touch = `touch '${marker}'`;
  folder.file(
    'settings.json',
    JSON.stringify({
      'kmod.targets': [
        { name: 'option', host: `-oProxyCommand=${touch}` },
        { name: 'word', host: `$(${touch})`, user: `;${touch}` },
        { name: 'key', host: '127.0.0.1', port: 1, identityFile: join(workspace, 'modules/pipe.ko') },
        {
          name: 'console',
          host: '127.0.0.1',
          port: 1,
          serialConsole: { device: join(workspace, 'modules/pipe.ko') },
        },
      ],
      'kmod.autoConnect': 'key',
      'kmod.refreshInterval': 1e-9,
      'kmod.build.kernelDirectory': workspace,
      'kmod.build.arch': `$(shell ${touch})`,
      'kmod.build.crossCompile': `${workspace}/`,
      'kmod.build.llvm': true,
      'kmod.build.variables': { X: `$(shell ${touch})`, CC: `${workspace}/gcc` },
      'kmod.scratch.memory': 1 << 30,
      'kmod.scratch.kernelRelease': '../../proc/self/cwd/r',
      'kmod.sysroot': join(workspace, 'sysroot'),
      'kmod.kernelRelease': '../../proc/self/cwd/r',
      'kmod.kmodVersion': '9'.repeat(10_000),
      'kmod.diagnostics.severity': { __proto__: 'error', constructor: 'error' },
    }),
  );
  const task = { runOptions: { runOn: 'folderOpen' }, group: { kind: 'build', isDefault: true } };
  folder.file(
    'tasks.json',
    JSON.stringify({
      version: '2.0.0',
      tasks: [
        { ...task, type: 'shell', label: 'shell', command: touch },
        { ...task, type: 'kmod', label: 'build', directory: 'nested', goal: 'modules' },
      ],
    }),
  );
}
