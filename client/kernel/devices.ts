import { finish, type Steps } from '../../kmod/steps';
import { decodeText } from '../../kmod/text';
import { script } from '../targets/script';
import type { Command } from './command';

/** A device on a bus of the driver model (/sys/bus/BUS/devices/NAME). All text is the target's: hostile. */
export interface Device {
  readonly bus: string;
  readonly name: string;
  /** Where it really is, for example /sys/devices/pci0000:00/0000:00:02.0. */
  readonly path: string;
  readonly driver: string | undefined;
  /** What modprobe looks its module up by; more than one for an ACPI device with a device tree's `compatible`. */
  readonly modaliases: readonly string[];
  /** What it calls itself: manufacturer and product of USB, the name of I2C. */
  readonly title: string | undefined;
  /** The variables of its uevent. */
  readonly properties: ReadonlyMap<string, string>;
}

/** A driver of a bus (/sys/bus/BUS/drivers/NAME). */
export interface DeviceDriver {
  readonly bus: string;
  readonly name: string;
  /** Undefined: it is part of the kernel itself, and no module's name is known for it. */
  readonly module: string | undefined;
}

export interface DeviceTree {
  /** Those that a driver can drive: they have a modalias, or a driver. Sorted by bus and name. */
  readonly devices: readonly Device[];
  readonly drivers: readonly DeviceDriver[];
}

/**
 * Everything in one command. Links are followed by the shell's own `cd -P`, and one grep a bus reads the
 * attributes: there are hundreds of devices, and a process for each would be felt on a board.
 */
const READ_DEVICES = `unset CDPATH
cd /sys/bus 2>/dev/null || exit 0
matters() {
  for f in "$b"/drivers/* "$b"/devices/*/modalias; do [ -e "$f" ] && return 0; done
  return 1
}
for b in *; do
  matters || continue
  for d in "$b"/drivers/*; do
    [ -d "$d" ] || continue
    m=; cd -P "$d/module" 2>/dev/null && m=\${PWD##*/}; cd /sys/bus
    printf 'driver\\0%s\\0%s\\0%s\\0\\0' "$b" "\${d##*/}" "$m"
  done
  for d in "$b"/devices/*; do
    cd -P "$d" 2>/dev/null || continue
    p=$PWD; f=.; [ -e physical_node ] && f=physical_node
    v=; cd -P ./driver 2>/dev/null && v=\${PWD##*/}; cd /sys/bus
    # What the firmware describes is the same device once more, where the kernel made one of it.
    [ "$f$v" = physical_node ] && continue
    printf 'device\\0%s\\0%s\\0%s\\0%s\\0' "$b" "\${d##*/}" "$v" "$p"
  done
done
LC_ALL=C; export LC_ALL
for b in *; do
  matters || continue
  set --
  for a in modalias uevent id name manufacturer product; do set -- "$@" "$b"/devices/*/$a; done
  grep '' /dev/null "$@" 2>/dev/null
done
:`;

/** Of what they print: a thousand times what a board does. Bytes. */
const MOST_BYTES = 8 * 1024 * 1024;

/** The target's devices and their drivers, which are read in slices: a large machine has thousands. */
export const readDevices: Command<Steps<DeviceTree>> = {
  argv: script(READ_DEVICES, []),
  parse: ({ stdout }) => devicesOf(stdout),
  maxOutputBytes: MOST_BYTES,
};

/** The files of a device that are read. `id` is PNP's, which has no modalias. */
const ATTRIBUTES = ['modalias', 'uevent', 'id', 'name', 'manufacturer', 'product'] as const;
type AttributeName = (typeof ATTRIBUTES)[number];

const isAttribute = (name: string): name is AttributeName => (ATTRIBUTES as readonly string[]).includes(name);

/** The lines of each. */
type Attributes = Record<AttributeName, string[]>;

/** Records of five NUL-terminated fields, then lines as grep prints them. Never throws. */
export const parseDevices = (output: Uint8Array): DeviceTree => finish(devicesOf(output));

function* devicesOf(output: Uint8Array): Steps<DeviceTree> {
  const end = output.lastIndexOf(0) + 1;
  const attributes = yield* parseAttributes(decodeText(output.subarray(end)));
  const fields = decodeText(output.subarray(0, end)).split('\0');
  const devices: Device[] = [];
  const drivers: DeviceDriver[] = [];
  for (let at = 0; at + 4 < fields.length; at += 5) {
    yield;
    const [kind, bus = '', name = '', third = '', path = ''] = fields.slice(at, at + 5);
    if (kind === 'driver') {
      drivers.push({ bus, name, module: orUndefined(third) });
    } else if (kind === 'device') {
      const device = deviceOf(bus, name, path, orUndefined(third), attributes.get(`${bus}/devices/${name}`));
      if (device.driver !== undefined || device.modaliases.length > 0) {
        devices.push(device);
      }
    }
  }
  const order = (a: Device, b: Device): number => compare(a.bus, b.bus) || compare(a.name, b.name);
  return { devices: devices.sort(order), drivers };
}

const collator = new Intl.Collator('en', { numeric: true });

/** 1-2 stands before 1-10, and 0000:00:02.0 before 0000:00:1f.0: PCI's numbers are hex, and of one length. */
const compare = (a: string, b: string): number =>
  a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : collator.compare(a, b);

/** "pci/devices/0000:00:02.0/modalias:pci:v0000…", by the device. */
function* parseAttributes(text: string): Steps<Map<string, Attributes>> {
  const all = new Map<string, Attributes>();
  for (let start = 0; start < text.length;) {
    yield;
    const newline = text.indexOf('\n', start);
    const lineEnd = newline < 0 ? text.length : newline;
    const line = text.slice(start, lineEnd);
    start = lineEnd + 1;
    const colon = line.indexOf(':', line.indexOf('/', line.indexOf('/devices/') + '/devices/'.length));
    const slash = line.lastIndexOf('/', colon);
    const file = line.slice(slash + 1, Math.max(slash, colon));
    if (isAttribute(file)) {
      const device = line.slice(0, slash);
      const attributes = all.get(device) ?? newAttributes();
      attributes[file].push(line.slice(colon + 1));
      all.set(device, attributes);
    }
  }
  return all;
}

const newAttributes = (): Attributes => ({
  modalias: [],
  uevent: [],
  id: [],
  name: [],
  manufacturer: [],
  product: [],
});

function deviceOf(
  bus: string,
  name: string,
  path: string,
  driver: string | undefined,
  { modalias, uevent, id, ...labels }: Attributes = newAttributes(),
): Device {
  const properties = new Map(
    uevent.flatMap((line) => {
      const equals = line.indexOf('=');
      return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)] as const] : [];
    }),
  );
  const announced = uevent.flatMap((line) => /^MODALIAS=(.*)$/.exec(line)?.[1] ?? []);
  // file2alias.c writes pnp:d patterns for a PNP driver.
  const pnp = bus === 'pnp' ? id.map((text) => `pnp:d${text}`) : [];
  const product = [...labels.manufacturer, ...labels.product].join(' ').trim();
  return {
    bus,
    name,
    path,
    driver,
    modaliases: [...new Set([...modalias, ...announced, ...pnp])].filter((text) => text !== ''),
    title: orUndefined(product) ?? labels.name[0],
    properties,
  };
}

const orUndefined = (text: string): string | undefined => (text === '' ? undefined : text);
