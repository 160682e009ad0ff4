import { script } from '../targets/script';
import type { Command } from './command';

/** Bytes of what a crash left that cross the wire. */
const LAST_BYTES = 256 * 1024;

/**
 * What the kernel wrote to its persistent store when it crashed (Linux: Documentation/admin-guide/pstore-blk.rst,
 * ramoops.rst), the last crash last; undefined: the target has no such store, or nothing is in it. It stays there.
 */
export const readPstore: Command<string | undefined> = {
  argv: script(
    `cd /sys/fs/pstore 2>/dev/null || exit 0
[ -n "$(ls)" ] || mount -t pstore pstore /sys/fs/pstore 2>/dev/null && cd /sys/fs/pstore
for f in dmesg-*; do [ -f "$f" ] && cat "$f"; done 2>/dev/null | tail -c ${LAST_BYTES}`,
    [],
  ),
  what: 'pstore',
  asRoot: true,
  timeoutMs: 20_000,
  parse: ({ stdout }) => {
    const text = stdout.toString('utf8').trim();
    return text === '' ? undefined : text;
  },
};
