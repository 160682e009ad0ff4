import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModuleTree } from '../../../kmod/tree/moduleTree';
import { decodeText, encodeText } from '../../../kmod/text';
import type { Answer } from '../../../server/commands/system';

/** One question to modprobe. */
export interface Query {
  readonly argv: readonly string[];
  /** Shell commands that come before it. */
  readonly prepare?: string;
}

/** A root directory with the installed kmod and a shell in it, where nothing of this machine is seen. */
export class KmodChroot {
  readonly root = mkdtempSync(join(tmpdir(), 'kmod-chroot-'));

  constructor() {
    this.make('proc', 'tmp', 'bin', 'sbin', 'etc', 'dev');
    copyFileSync('/bin/busybox', join(this.root, 'bin/busybox'));
    copyFileSync('/bin/kmod', join(this.root, 'sbin/modprobe'));
    for (const library of execFileSync('ldd', ['/bin/kmod'], { encoding: 'utf8' }).match(/\/\S+/g) ?? []) {
      this.make(dirname(library));
      copyFileSync(library, join(this.root, library));
    }
    execFileSync('mknod', ['-m', '666', join(this.root, 'dev/null'), 'c', '1', '3']);
  }

  make(...directories: string[]): void {
    for (const directory of directories) mkdirSync(join(this.root, directory), { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  /**
   * Installs some of this machine's modules, with all that they need, and lets depmod index them.
   * @returns the paths of the modules below the kernel's directory
   */
  installKernel(release: string, modules: readonly string[]): string[] {
    const source = installedKernel();
    const target = join(this.root, 'lib/modules', release);
    const known = ModuleTree.of((file) =>
      file === 'modules.dep' ? readFileSync(join(source, file)) : undefined,
    );
    const wanted = modules.flatMap((name) => known.line(name) ?? []);
    const paths = [...new Set(wanted.flatMap(({ path, dependencies }) => [path, ...dependencies]))];
    for (const path of paths) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      copyFileSync(join(source, path), join(target, path));
    }
    for (const file of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
      copyFileSync(join(source, file), join(target, file));
    }
    execFileSync('depmod', ['-b', this.root, release]);
    return paths;
  }

  /** Asks modprobe one question after the other, in one shell. */
  ask(queries: readonly Query[]): Answer[] {
    const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
    const commands = queries.map(
      ({ argv, prepare = ':' }) =>
        `${prepare}; /sbin/modprobe ${argv.map(quote).join(' ')}; printf '${MARK}%s${MARK}' $?; printf '${MARK}' >&2`,
    );
    writeFileSync(join(this.root, 'tmp/script'), encodeText(commands.join('\n')));
    const { stdout, stderr, error } = spawnSync('chroot', [this.root, '/bin/busybox', 'sh', '/tmp/script'], {
      env: { PATH: '/sbin:/bin', LC_ALL: 'C' },
      maxBuffer: 1 << 30,
    });
    if (error !== undefined) throw error;
    const outputs = decodeText(stdout).split(MARK);
    const errors = decodeText(stderr).split(MARK);
    return queries.map((_, index) => ({
      exitCode: Number(outputs[2 * index + 1]),
      stdout: outputs[2 * index] ?? '',
      stderr: withoutSources(errors[index] ?? ''),
    }));
  }
}

const MARK = '<end of answer>';

/** Debian's build tells where in libkmod's source a message comes from. */
export function withoutSources(stderr: string): string {
  return stderr
    .replace(/^libkmod: ERROR \S+\.c:\d+ /gm, 'libkmod: ')
    .replace(/^(modprobe: ERROR: )\S+\.c:\d+ \w+\(\) /gm, '$1');
}

function installedKernel(): string {
  for (const release of readdirSync('/lib/modules')) {
    const directory = join('/lib/modules', release);
    if (readdirSync(directory).includes('modules.dep')) return directory;
  }
  throw new Error('no kernel with a modules.dep is installed in /lib/modules');
}
