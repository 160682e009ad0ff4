import { isKernelRelease } from '../../kmod/kernelRelease';
import { ROOT_WAYS } from '../targets/rootWays';
import { script } from '../targets/script';
import type { TargetFacts } from '../targets/target';
import type { Command } from './command';
import { KERNEL_PROBE, parseKernelFacts } from './kernelFacts';

/** Users' PATH has no sbin on Debian. `sudo -n true` would tell more, and write an incident to the log. */
const PROBE = `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
uname -r; uname -m
cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo
id -un 2>/dev/null || echo; id -u
(command -v sudo || command -v doas || command -v su || echo) | head -n 1
if command -v insmod >/dev/null; then v=$(insmod --version 2>&1 </dev/null | head -n 1); echo "\${v:-insmod}"; else echo; fi
{ busybox 2>&1 | head -n 1; } 2>/dev/null | grep '^BusyBox v' || echo
${KERNEL_PROBE}`;

/** BusyBox's insmod has no version: it takes the option for a file. */
const KMOD_VERSION = /^(kmod|module-init-tools) version /;

/** What is read of a target once per connection; changes nothing there. */
export const probeFacts: Command<TargetFacts> = {
  argv: script(PROBE, []),
  parse: ({ stdout }) => {
    const [
      release = '',
      machine = '',
      bootId = '',
      user = '',
      uid = '',
      way = '',
      insmod = '',
      busybox = '',
      ...kernel
    ] = stdout.toString().split('\n');
    const tools = insmod === '' ? 'none' : KMOD_VERSION.test(insmod) ? 'kmod' : 'busybox';
    const toolsVersion = shown({ none: '', kmod: insmod, busybox }[tools]);
    return {
      release: releaseOf(release),
      machine: shown(machine),
      bootId: bootId === '' ? undefined : bootId,
      user: shown(user === '' ? uid : user),
      root: uid === '0' ? 'login' : (ROOT_WAYS.find((name) => way.endsWith(name)) ?? 'none'),
      tools,
      ...(toolsVersion === '' ? {} : { toolsVersion }),
      kernel: parseKernelFacts(kernel),
    };
  },
};

/** It is a directory's name, also on this machine: no target leads out of /lib/modules. utsname has 64 bytes. */
const releaseOf = (text: string): string => (isKernelRelease(text) ? text : '');

/** A word of a target, for a row of a view. */
const shown = (text: string): string => text.replaceAll(/\p{C}/gu, '').slice(0, 100);
