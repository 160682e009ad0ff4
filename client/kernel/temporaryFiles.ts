import { randomBytes } from 'node:crypto';
import { TEMPORARY_DIRECTORIES } from '../targets/safeDirectory';
import { script } from '../targets/script';
import type { Target, TargetFacts } from '../targets/target';
import { execute } from './command';

/** The boot as a part of a file's name, so that what an earlier one left is told without a clock. */
const bootOf = ({ bootId }: TargetFacts): string => bootId?.replace(/[^0-9a-f]/g, '').slice(0, 12) ?? '0';

/**
 * A path that is like no other.
 * @param owner the pid of a process of the target that lives as long as the connection
 */
export function temporaryPath(directory: string, facts: TargetFacts, owner: number): string {
  return `${directory}/vscode-kmod-${bootOf(facts)}-${owner}-${randomBytes(8).toString('hex')}.ko`;
}

/** By target name: what connections that were lost have left there. */
const abandoned = new Map<string, Set<string>>();

/** A connection was lost while this file may have been there. */
export function abandon(target: Target, path: string): void {
  const paths = abandoned.get(target.name) ?? new Set();
  abandoned.set(target.name, paths.add(path));
}

/**
 * Of the login's own files, those go whose boot is over or whose connection's process has ended: another editor
 * that is at work on the same target has both.
 */
const SWEEP = `
boot=$1; shift
until [ "$1" = -- ]; do
  for file in "$1"/vscode-kmod-*-*-*.ko; do
    [ -f "$file" ] && [ ! -h "$file" ] && [ -O "$file" ] || continue
    rest=\${file##*/vscode-kmod-}
    owner=\${rest#*-}
    owner=\${owner%%-*}
    case $owner in '' | *[!0-9]*) continue ;; esac
    [ "\${rest%%-*}" = "$boot" ] && [ -d "/proc/$owner" ] || rm -f -- "$file"
  done
  shift
done
shift
[ $# = 0 ] || rm -f -- "$@"`;

/** Removes what crashes and lost connections have left on a target. @throws all that Target.run throws */
export async function sweepTemporaryFiles(
  target: Target,
  facts: TargetFacts,
  signal?: AbortSignal,
): Promise<void> {
  const own = [...(abandoned.get(target.name) ?? [])];
  const argv = script(SWEEP, [bootOf(facts), ...TEMPORARY_DIRECTORIES, '--', ...own]);
  await execute(
    target,
    { argv, what: 'sweep', timeoutMs: 15_000, accepts: [0, 1], parse: () => undefined },
    signal,
  );
  own.forEach((path) => abandoned.get(target.name)?.delete(path));
}
