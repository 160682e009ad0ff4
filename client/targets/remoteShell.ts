import { quoteAll } from './quote';

/**
 * The program as the login's user. Its shell first prints `mark` and its process id on stderr, so that what was said before the program ran (a login script, sudo) is told from what the program
 * says, and so that the program can be ended: a server need not obey a request to signal it.
 */
export function plainCommand(mark: string, argv: readonly string[]): string {
  return `echo ${mark}$$ >&2; exec ${quoteAll(argv)}`;
}

/** The program for a shell that stays: that shell tells the process id. */
export const residentCommand = (argv: readonly string[]): string => `exec ${quoteAll(argv)}`;

/**
 * Sends a signal to a process and all that descend from it, the parents first so that none goes on with
 * its next step. What is started between the listing and the signal is missed. Of a target only a shell and /proc are needed: process groups are not to be relied on,
 * since dropbear gives a command its own.
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

/** Exit codes of RECEIVE (sysexits.h). */
export const CANNOT_CREATE = 73;

/**
 * Writes stdin to the new file $1 and prints what a program of CHECKSUM_TOOLS says of it. A file that is not whole, $2 bytes,
 * is removed there: a lost connection ends stdin as the end of the data does.
 */
const RECEIVE = `
umask 077
set -C
true > "$1" || exit ${CANNOT_CREATE}
set +C
trap 'rm -f -- "$1"; exit 74' HUP INT TERM
if cat > "$1" && [ "$(wc -c < "$1")" -eq "$2" ]; then
  { cksum || sha1sum || true; } < "$1" 2> /dev/null
else
  rm -f -- "$1"
  exit 74
fi`;

export function receiveFile(path: string, size: number): string[] {
  return ['/bin/sh', '-c', RECEIVE, 'sh', path, String(size)];
}
