import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runAsRoot, temporaryDirectory, type Cleanup } from './machine';

/** What is different where a server and all that it starts run, and nowhere else on this machine. */
export interface OtherMachine {
  /** Files of /etc, by their path below it. */
  readonly etc?: Readonly<Record<string, string>>;
  readonly rootPassword?: string;
  /** Programs that are not there. */
  readonly without?: readonly string[];
  /** The mode of an empty /tmp; unless told /tmp is this machine's. */
  readonly tmpMode?: string;
}

const SET_UP = `
mount --make-rprivate / && cp -a /etc "$1/copy" && cp -a "$1/etc/." "$1/copy" || exit
mount --bind "$1/copy" /etc || exit
[ -z "$2" ] || printf 'root:%s\\n' "$2" | chpasswd || exit
tmp=$3
while [ "$4" != -- ]; do mount --bind /dev/null "$4" || exit; shift; done
shift 4
[ -z "$tmp" ] || mount -t tmpfs -o "size=64m,mode=$tmp" tmpfs /tmp || exit
exec "$@"`;

/** The argv that runs a program with another /etc, in a mount name space of its own. */
export function onOtherMachine(
  cleanup: Cleanup,
  { etc = {}, rootPassword = '', without = [], tmpMode = '' }: OtherMachine,
  argv: readonly string[],
): string[] {
  const directory = temporaryDirectory(cleanup);
  cleanup.add(() => runAsRoot(['rm', '-rf', join(directory, 'copy'), join(directory, 'etc')]));
  mkdirSync(join(directory, 'etc'));
  for (const [path, text] of Object.entries(etc)) {
    const file = join(directory, 'etc', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o440 });
  }
  runAsRoot(['chown', '-R', 'root:root', join(directory, 'etc')]);
  const setUp = ['/bin/sh', '-c', SET_UP, 'sh', directory, rootPassword, tmpMode, ...without, '--'];
  return ['unshare', '--mount', '--', ...setUp, ...argv];
}
