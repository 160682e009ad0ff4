import type { KernelFacts } from '../targets/target';

/** The options of a kernel's configuration that say what can be done with its modules. */
const OPTIONS = [
  'MODULES',
  'MODULE_UNLOAD',
  'MODULE_FORCE_LOAD',
  'MODULE_FORCE_UNLOAD',
  'MODVERSIONS',
  'MODULE_SIG',
  'MODULE_SIG_FORCE',
  'TRIM_UNUSED_KSYMS',
  'KALLSYMS',
  'KALLSYMS_ALL',
  'DYNAMIC_DEBUG',
  'DYNAMIC_DEBUG_CORE',
];

/**
 * Prints a line for each thing that is known, and reads only what every login may. The first symbols of
 * /proc/kallsyms tell whether addresses are shown (proc(5), kptr_restrict): to whom they are not, all are zero.
 */
export const KERNEL_PROBE = `
for config in /proc/config.gz "/boot/config-$(uname -r)" "/lib/modules/$(uname -r)/config" ''; do
  [ -r "$config" ] && break
done
if [ -n "$config" ]; then
  case $config in *.gz) zcat < "$config" ;; *) cat "$config" ;; esac 2> /dev/null |
    grep -E '^CONFIG_(${OPTIONS.join('|')})='
  echo "config $config"
fi
[ ! -e /proc/modules ] || echo modules
for file in /sys/module/module/parameters/sig_enforce /sys/kernel/security/lockdown /proc/sys/kernel/tainted; do
  [ ! -r "$file" ] || echo "\${file##*/} $(cat "$file")"
done 2> /dev/null
[ ! -r /proc/kallsyms ] || if head -n 50 /proc/kallsyms | grep -qv '^0* '; then echo kallsyms; else echo nosyms; fi
while read -r key value; do
  case $key in CapBnd:) echo "capabilities $value" ;; esac
done < /proc/self/status
for file in /proc/dynamic_debug/control /sys/kernel/debug/dynamic_debug/control; do
  [ ! -e "$file" ] || { echo dynamic_debug; break; }
done
true`;

/** Reads what KERNEL_PROBE printed; what it could not read is left out. */
export function parseKernelFacts(lines: readonly string[]): KernelFacts {
  const said = new Map<string, string>();
  const config = new Map<string, string>();
  for (const line of lines) {
    const [, option, setting] = /^CONFIG_(\w+)=(.*)$/.exec(line) ?? [];
    if (option !== undefined && setting !== undefined) {
      config.set(option, setting);
    } else {
      const blank = line.indexOf(' ');
      said.set(blank < 0 ? line : line.slice(0, blank), blank < 0 ? '' : line.slice(blank + 1));
    }
  }
  const source = said.get('config');
  // A configuration that could not be unpacked names nothing, not even CONFIG_KALLSYMS of every kernel.
  const readable = source !== undefined && config.size > 0;
  const isSet = (option: string): boolean | undefined => (readable ? config.get(option) === 'y' : undefined);
  const enforced = ENFORCED.get(said.get('sig_enforce') ?? '');
  const lockdown = LOCKDOWNS.find((mode) => said.get('lockdown')?.includes(`[${mode}]`));
  const taint = said.get('tainted') ?? '';
  return {
    ...(readable ? { config, configFile: source } : {}),
    modules: said.has('modules') ? true : isSet('MODULES'),
    unloads: isSet('MODULE_UNLOAD'),
    modversions: isSet('MODVERSIONS'),
    signaturesEnforced: enforced ?? (isSet('MODULE_SIG') === false ? false : undefined),
    lockdown,
    mayLoad: mayLoad(said.get('capabilities')),
    symbolAddresses: said.has('kallsyms') ? true : said.has('nosyms') ? false : undefined,
    dynamicDebug: said.has('dynamic_debug') ? true : isSet('DYNAMIC_DEBUG'),
    taint: /^\d+$/.test(taint) ? Number(taint) : undefined,
  };
}

const ENFORCED: ReadonlyMap<string, boolean> = new Map([
  ['Y', true],
  ['N', false],
]);

const CAP_SYS_MODULE = 16n;

/** By the capabilities (proc(5), CapBnd) that a process there, root's too, can have at all; a container often lacks this one. */
function mayLoad(bounding: string | undefined): boolean | undefined {
  return bounding !== undefined && /^[0-9a-f]{1,16}$/.test(bounding)
    ? ((BigInt(`0x${bounding}`) >> CAP_SYS_MODULE) & 1n) === 1n
    : undefined;
}

const LOCKDOWNS = ['none', 'integrity', 'confidentiality'] as const;
