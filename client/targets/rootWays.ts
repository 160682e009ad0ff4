import { quote, quoteAll } from './quote';
import { SAFE, TEMPORARY_DIRECTORIES } from './safeDirectory';

/** What makes a login's program root's, where the login is not. */
export type RootWay = 'sudo' | 'doas' | 'su';

/** The ways, those that know who may do what first; su wants root's own password. */
export const ROOT_WAYS: readonly RootWay[] = ['sudo', 'doas', 'su'];

/** Prints "0" for root's login, else the ways that the target has. Nothing is tried: each try may be reported to an admin. */
export const ROOT_PROBE = [
  '/bin/sh',
  '-c',
  `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; id -u; for way in ${ROOT_WAYS.join(' ')}; do command -v "$way" > /dev/null && echo "$way"; done; true`,
];

/** Where in a terminal's one stream a program's stdout ends, and its stderr begins. */
interface TerminalMarks {
  readonly end: string;
  /** A terminal tells no end of stdin. */
  readonly stdinBytes: number;
}

export interface RootCommand {
  /** What the program prints first, with its process id behind it. */
  readonly mark: string;
  readonly argv: readonly string[];
  /** sudo asks with these words. */
  readonly question: string;
  /** False: the way is told not to ask, if it can be. */
  readonly mayAsk: boolean;
  /** doas and su ask only a terminal. */
  readonly terminal: TerminalMarks | undefined;
}

/** The program's streams one behind the other. Its stderr waits in a file of root's. */
const ON_A_TERMINAL = `
${SAFE}
err=
for directory in ${TEMPORARY_DIRECTORIES.join(' ')}; do
  safe "$directory" && err=$(mktemp "$directory/vscode-kmod.XXXXXX") && break
done
[ -n "$err" ] || exit
trap 'rm -f "$err"; exit 143' HUP INT TERM
mark=$1 end=$2 bytes=$3
shift 3
echo "$mark$$"
if [ "$bytes" -gt 0 ]; then head -c "$bytes" | "$@" 2> "$err"; else "$@" 2> "$err" < /dev/null; fi
status=$?
printf %s "$end"
cat "$err"
rm -f "$err"
exit "$status"`;

/** The command line that runs a program as root. */
export function rootCommand(way: RootWay, command: RootCommand): string {
  const { terminal, argv, mark } = command;
  const inner =
    terminal === undefined
      ? ['/bin/sh', '-c', `echo ${mark}$$ >&2; exec "$@"`, 'sh', ...argv]
      : ['/bin/sh', '-c', ON_A_TERMINAL, 'sh', mark, terminal.end, String(terminal.stdinBytes), ...argv];
  const raw = terminal === undefined ? '' : 'stty raw -echo 2> /dev/null; ';
  return `PATH="$PATH:/usr/local/bin:/usr/bin"; LC_ALL=C; export PATH LC_ALL; ${raw}exec ${become(way, inner, command)}`;
}

function become(way: RootWay, inner: readonly string[], { mayAsk, question }: RootCommand): string {
  switch (way) {
    case 'sudo':
      // Always asked anew (-k), so that the answer on stdin never reaches the program.
      return quoteAll(['sudo', '-k', ...(mayAsk ? ['-S', '-p', question] : ['-n']), '--', ...inner]);
    case 'doas':
      return quoteAll(['doas', ...(mayAsk ? [] : ['-n']), '--', ...inner]);
    case 'su':
      return `su -s /bin/sh -c ${quote(`exec ${quoteAll(inner)}`)} root`;
  }
}
