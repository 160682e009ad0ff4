import { encodeText } from '../../kmod/text';
import { script } from '../targets/script';
import type { Target } from '../targets/target';
import { execute, type Command } from './command';
import { tool, type ToolResult } from './commands';
import type { Device, DeviceDriver } from './devices';
import { exclusively, observe } from './observe';
import { withoutStamp } from './kernelLog';

/** A device was not given to a driver, or not taken from it. */
class BindError extends Error {
  override readonly name = 'BindError';
  constructor(
    message: string,
    readonly kernelLog: readonly string[],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a device carries right now; all empty: nothing is known to depend on it. */
export interface DeviceUse {
  /** Network interfaces below the device that are up. */
  readonly interfaces: readonly string[];
  /** Disks and partitions below it that are mounted, swapped to, or held by another device. */
  readonly disks: readonly string[];
}

/** IFF_UP is the last bit of an interface's flags. mountinfo and the links of sysfs tell the rest. */
const READ_USE = `unset CDPATH
p=$1
below() { cd -P "$1" 2>/dev/null && case $PWD/ in "$p"/*) return 0;; esac; return 1; }
for i in /sys/class/net/*; do
  below "$i" || continue
  read -r flags <./flags && [ $((flags & 1)) = 1 ] && printf 'net\\0%s\\0' "\${i##*/}"
done
for b in /sys/class/block/*; do
  below "$b" || continue
  read -r dev <./dev || continue
  n=\${b##*/}
  set -- ./holders/*
  if [ -e "$1" ] || grep -q "^[0-9]* [0-9]* $dev " /proc/self/mountinfo || grep -q "^/dev/$n[[:space:]]" /proc/swaps; then
    printf 'disk\\0%s\\0' "$n"
  fi
done 2>/dev/null
:`;

/** What would be lost with a device's driver. */
export function readUse({ path }: Pick<Device, 'path'>): Command<DeviceUse> {
  return {
    argv: script(READ_USE, [path]),
    parse: ({ stdout }) => {
      const fields = stdout.toString().split('\0');
      const of = (kind: string) => fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === kind);
      return { interfaces: of('net'), disks: of('disk') };
    },
  };
}

/** The name of the driver that a device has; '' for none. */
function readDriver(directory: string): Command<string> {
  return {
    argv: script('unset CDPATH; cd -P "$1/driver" 2>/dev/null && printf %s "${PWD##*/}"; :', [directory]),
    parse: ({ stdout }) => stdout.toString(),
  };
}

/** Writes a device's name into a file of sysfs. It is cat that does it: a shell's printf keeps the errno to itself. */
function writeName(file: string, name: string): Command<ToolResult> {
  return { ...tool(script('cat >"$1"', [file])), stdin: encodeText(name) };
}

/** Takes a device from its driver. @throws BindError, TargetLostError, or the signal's reason */
export async function unbindDevice(target: Target, device: Device, signal: AbortSignal): Promise<void> {
  const directory = directoryOf(device);
  await change(target, device, signal, {
    what: `unbind ${device.name}`,
    file: `${directory}/driver/unbind`,
    isDone: (driver) => driver === '',
  });
}

/**
 * Gives a device to a driver of its bus; without one, to the first that takes it.
 * @throws BindError, TargetLostError, or the signal's reason
 */
export async function bindDevice(
  target: Target,
  device: Device,
  driver: Pick<DeviceDriver, 'name'> | undefined,
  signal: AbortSignal,
): Promise<string> {
  const bus = `/sys/bus/${checked(device.bus)}`;
  return change(target, device, signal, {
    what: driver === undefined ? `probe ${device.name}` : `bind ${device.name} to ${driver.name}`,
    file: driver === undefined ? `${bus}/drivers_probe` : `${bus}/drivers/${checked(driver.name)}/bind`,
    isDone: (bound) => bound !== '' && (driver === undefined || bound === driver.name),
  });
}

interface Change {
  readonly what: string;
  readonly file: string;
  /** Told of the driver that the device has afterwards: an exit code alone proves nothing. */
  readonly isDone: (driver: string) => boolean;
}

/** @returns the driver that the device has afterwards */
function change(target: Target, device: Device, signal: AbortSignal, how: Change): Promise<string> {
  return exclusively(
    target,
    async () => {
      const { tool, interruption, log } = await observe(target, writeName(how.file, device.name), {
        what: how.what,
        withLog: true,
        signal,
      });
      const driver = await execute(target, readDriver(directoryOf(device)));
      if (!how.isDone(driver) || (tool !== undefined && tool.exitCode !== 0)) {
        const reason = interruption?.message ?? explain(device, tool?.stderr ?? '', log.lines);
        throw new BindError(`${how.what}: ${reason}`, log.lines, interruption && { cause: interruption });
      }
      return driver;
    },
    signal,
  );
}

/** The errno's text, as dash, BusyBox and bash print it after a failed write. */
const REASONS: readonly (readonly [RegExp, (device: Device) => string])[] = [
  [
    /No such device/i,
    ({ name }) => `the driver does not take ${name}: it is none of its devices, or its probe failed`,
  ],
  [/Device or resource busy/i, ({ name }) => `${name} has a driver already. Unbind it first`],
  [
    /nonexistent|No such file/i,
    ({ name }) => `${name} has no driver, or its driver lets nobody bind and unbind`,
  ],
  [/Permission denied/i, () => 'it takes root'],
];

function explain(device: Device, stderr: string, kernelLog: readonly string[]): string {
  const reason =
    REASONS.find(([pattern]) => pattern.test(stderr))?.[1](device) ??
    (stderr === '' ? 'no driver takes it' : stderr);
  const said = kernelLog.map(withoutStamp).findLast((line) => line.includes(device.name));
  return said === undefined ? reason : `${reason}. The kernel said: "${said}"`;
}

const directoryOf = ({ bus, name }: Device): string => `/sys/bus/${checked(bus)}/devices/${checked(name)}`;

/** A name out of sysfs that is to stand in a path. */
function checked(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new BindError(`${JSON.stringify(name)} is no name of sysfs`, []);
  }
  return name;
}
