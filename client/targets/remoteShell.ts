import { CHECKSUM_TOOLS } from './checksum';
import { quoteAll } from './quote';
import { fed, GIVEN, inThisShell, script, type ShellLine } from './script';

/**
 * The program as the login's user. Its shell first prints `mark` and its process id on stderr, so that what was said before the program ran (a login script, sudo) is told from what the program
 * says, and so that the program can be ended: a server need not obey a request to signal it.
 */
export function plainCommand(mark: string, argv: readonly string[]): string {
  return `echo ${mark}$$ >&2; exec ${quoteAll(argv)}`;
}

/** Bytes of stdin. More goes faster on a channel of its own, where it need not be spelt out. */
export const MOST_STDIN = 32 * 1024;

/**
 * The program with its stdin for a shell that stays: that shell tells the process id. What is stdin is a part of the
 * command line, so that the shell never takes what a program left of its stdin for commands.
 */
export const residentCommand = (argv: readonly string[], stdin: Uint8Array = new Uint8Array()): ShellLine =>
  inThisShell(argv, stdin) ?? { text: fed(`exec ${quoteAll(argv)}`, stdin), answers: false };

/**
 * Sends a signal to a process and all that descend from it, the parents first so that none goes on with
 * its next step. What is started between the listing and the signal is missed. Of a target only a shell and
 * /proc are needed: process groups are not to be relied on, since dropbear gives a command its own.
 */
const SIGNAL_TREE = `
tree() {
  printf '%s ' "$1"
  for directory in /proc/[0-9]*; do
    parent=
    while read -r key value _; do
      case $key in PPid:) parent=$value; break ;; esac
    done 2> /dev/null < "$directory/status"
    [ "$parent" = "$1" ] && (tree "\${directory#/proc/}")
  done
}
kill -"$2" $(tree "$1")`;

export function signalTree(pid: number, signal: 'TERM' | 'KILL'): string[] {
  return ['/bin/sh', '-c', SIGNAL_TREE, 'sh', String(pid), signal];
}

/** The exit code of `receive` when it failed (EX_IOERR of sysexits.h). */
const FAILED = 74;

/** The data are what they were told to be: that is read from the file. */
const STORED = `given > "$file" && {
    for sum in ${CHECKSUM_TOOLS.map(({ program }) => program).join(' ')} ''; do
      command -v "$sum" > /dev/null && break
    done
    case $(\${sum:-wc -c} < "$file") in
      "$1" | "$2" | "$3") ;;
      *) false ;;
    esac
  }`;

/** gzip compares the size and the CRC-32 of what it has written with those that came behind the data (RFC 1952). */
const UNPACKED = 'given | gzip -dc > "$file"';

/**
 * The beginning of a script: a shell function that writes stdin to the new file $file, mode 0600, and returns 0 when
 * what was stored is what checksums() told it. Else it says why on stderr, if the target does, and leaves nothing.
 * A lost connection ends stdin as the end of the data does.
 * @param packed stdin is what gzip made of the data
 */
export const receive = (packed: boolean): string => `${GIVEN}receive() {
  umask 077
  set -C
  true > "$file" || return ${FAILED}
  set +C
  trap 'rm -f -- "$file"; exit ${FAILED}' HUP INT TERM
  if ${packed ? UNPACKED : STORED}; then
    trap - HUP INT TERM
    return 0
  fi
  rm -f -- "$file"
  return ${FAILED}
}`;

/** The arguments of `receive`. */
export function checksums(data: Uint8Array): string[] {
  return [...CHECKSUM_TOOLS.map(({ ofStdin }) => ofStdin(data)), String(data.byteLength)];
}

export function receiveFile(path: string, data: Uint8Array, packed: boolean): string[] {
  return script(`${receive(packed)}\nfile=$1; shift\nreceive "$@"`, [path, ...checksums(data)]);
}
