import type { TargetFacts } from '../targets/target';
import { script } from './commands';
import type { Command } from './command';

/** Users' PATH has no sbin on Debian. `sudo -n true` would tell more, and write an incident to the log. */
const PROBE = `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
uname -r; uname -m
cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo
id -un 2>/dev/null || echo; id -u
if command -v sudo >/dev/null; then echo sudo; else echo; fi
i=$(command -v insmod) || i=
readlink -f "$i" 2>/dev/null || echo "$i"
if command -v kmod >/dev/null; then echo kmod; else echo; fi`;

/** What is read of a target once per connection; changes nothing there. */
export const probeFacts: Command<TargetFacts> = {
  argv: script(PROBE, []),
  parse: ({ stdout }) => {
    const [release = '', machine = '', bootId = '', user = '', uid = '', sudo = '', insmod = '', kmod = ''] =
      stdout.toString().split('\n');
    return {
      release,
      machine,
      bootId: bootId === '' ? undefined : bootId,
      user: user === '' ? uid : user,
      root: uid === '0' ? 'login' : sudo === 'sudo' ? 'sudo' : 'none',
      tools: toolsOf(insmod, kmod === 'kmod'),
    };
  },
};

function toolsOf(insmod: string, hasKmod: boolean): TargetFacts['tools'] {
  if (insmod === '') {
    return 'none';
  }
  if (/busybox/.test(insmod)) {
    return 'busybox';
  }
  return hasKmod || /kmod/.test(insmod) ? 'kmod' : 'busybox';
}
