/** Where a file may be written to on a target, the best first: /tmp may be missing or read-only. */
export const TEMPORARY_DIRECTORIES = ['/tmp', '/run', '/dev/shm', '/var/tmp'];

/**
 * As shell: `safe DIRECTORY` succeeds where the login can write and nobody but the login and root can replace what it
 * wrote. The directory is root's or the login's own, and others may write in it only with the sticky bit (chmod(1)).
 * `ls -ldn` is what BusyBox and coreutils have in common: "drwxrwxrwt 9 0 0 …".
 */
export const SAFE = `safe() {
  [ -d "$1" ] && [ -w "$1" ] || return 1
  set -- $(ls -ldn "$1/." 2>/dev/null)
  case $3 in 0 | "$(id -u)") ;; *) return 1 ;; esac
  case $1 in d????-??-* | d????????[tT]*) return 0 ;; esac
  return 1
}`;
