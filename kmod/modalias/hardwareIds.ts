import type { AliasField, DecodedAlias } from './decode';

/** pci.ids or usb.ids (https://pci-ids.ucw.cz): names of vendors, devices and classes. */
export class HardwareIds {
  /** Where the block of a vendor or a class begins: "8086", "C 02". */
  readonly #blocks = new Map<string, number>();

  constructor(private readonly text: string) {
    for (const match of text.matchAll(/^(?:[0-9a-f]{4}|C [0-9a-f]{2})(?= {2})/gm)) {
      this.#blocks.set(match[0], match.index);
    }
  }

  vendor(id: number): string | undefined {
    return this.#head(hex(id, 4));
  }

  device(vendor: number, device: number): string | undefined {
    return this.#entry(hex(vendor, 4), hex(device, 4));
  }

  /** Of PCI only: the name of a device as its maker sells it. */
  subsystem(vendor: number, device: number, subVendor: number, subDevice: number): string | undefined {
    return this.#below(hex(vendor, 4), hex(device, 4), `${hex(subVendor, 4)} ${hex(subDevice, 4)}`);
  }

  class(id: number): string | undefined {
    return this.#head(`C ${hex(id, 2)}`);
  }

  subclass(id: number, sub: number): string | undefined {
    return this.#entry(`C ${hex(id, 2)}`, hex(sub, 2));
  }

  /** Of a subclass: a programming interface of PCI, a protocol of USB. */
  interface(id: number, sub: number, protocol: number): string | undefined {
    return this.#below(`C ${hex(id, 2)}`, hex(sub, 2), hex(protocol, 2));
  }

  #head(key: string): string | undefined {
    return this.#lines(key)[0]?.slice(key.length).trim();
  }

  #entry(key: string, id: string): string | undefined {
    const prefix = `\t${id}  `;
    return this.#lines(key)
      .find((line) => line.startsWith(prefix))
      ?.slice(prefix.length);
  }

  /** An entry below an entry of a block. */
  #below(key: string, id: string, below: string): string | undefined {
    const lines = this.#lines(key);
    const start = lines.findIndex((line) => line.startsWith(`\t${id}  `));
    const prefix = `\t\t${below}  `;
    for (const line of start < 0 ? [] : lines.slice(start + 1)) {
      if (!line.startsWith('\t\t')) {
        return undefined;
      }
      if (line.startsWith(prefix)) {
        return line.slice(prefix.length);
      }
    }
    return undefined;
  }

  /** The line of a block's key, and the indented ones below it. */
  #lines(key: string): string[] {
    const start = this.#blocks.get(key);
    if (start === undefined) {
      return [];
    }
    const next = /\n(?=[^\t#\n])/g;
    next.lastIndex = start;
    return this.text.slice(start, next.exec(this.text)?.index ?? this.text.length).split('\n');
  }
}

/** The files of names that this machine has. */
export interface HardwareNames {
  readonly pci?: HardwareIds | undefined;
  readonly usb?: HardwareIds | undefined;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** A decoded alias in words: with the names of vendor and device where they are known, else its fields. */
export function describeAlias({ fields, registry, text }: DecodedAlias, names: HardwareNames = {}): string {
  if (fields.length === 0) {
    return text ?? '';
  }
  const ids = registry === undefined ? undefined : names[registry];
  const said = new Set<string>();
  const words = ids === undefined ? [] : nameFields(fields, ids, said);
  const rest = fields.filter(({ label }) => !said.has(label)).map(fieldText);
  return [...words, ...rest].join(', ');
}

const CLASSES = [
  ['class', 'subclass', 'programming interface'],
  ['device class', 'device subclass', 'device protocol'],
  ['interface class', 'interface subclass', 'interface protocol'],
] as const;

/** What the identifiers name; the labels of the fields that need no more words go to `said`. */
function nameFields(fields: readonly AliasField[], ids: HardwareIds, said: Set<string>): string[] {
  const numbers = new Map(fields.map(({ label, number }) => [label, number]));
  const words: string[] = [];
  const say = (text: string | undefined, ...labels: string[]): void => {
    if (text !== undefined) {
      words.push(text);
      labels.forEach((label) => said.add(label));
    }
  };
  const [vendor, subVendor, subDevice] = ['vendor', 'subsystem vendor', 'subsystem device'].map((label) =>
    numbers.get(label),
  );
  const deviceLabel = numbers.has('product') ? 'product' : 'device';
  const device = numbers.get(deviceLabel);
  if (vendor !== undefined) {
    const vendorName = ids.vendor(vendor);
    const deviceName = device === undefined ? undefined : ids.device(vendor, device);
    say(vendorName === undefined ? undefined : joinNames(vendorName, deviceName), 'vendor');
    if (deviceName !== undefined) {
      said.add(deviceLabel);
    }
    if (device !== undefined && subVendor !== undefined && subDevice !== undefined) {
      say(ids.subsystem(vendor, device, subVendor, subDevice), 'subsystem vendor', 'subsystem device');
    }
  }
  if (subVendor !== undefined && !said.has('subsystem vendor')) {
    const name = ids.vendor(subVendor);
    say(name === undefined ? undefined : `as sold by ${name}`, 'subsystem vendor');
  }
  for (const [classLabel, subLabel, interfaceLabel] of CLASSES) {
    const [id, sub, protocol] = [classLabel, subLabel, interfaceLabel].map((label) => numbers.get(label));
    const subName = id === undefined || sub === undefined ? undefined : ids.subclass(id, sub);
    // The subclasses of PCI tell the class: "Ethernet controller".
    if (id !== undefined && (subName === undefined || classLabel !== 'class')) {
      say(ids.class(id), classLabel);
    }
    say(subName, classLabel, subLabel);
    if (id !== undefined && sub !== undefined && protocol !== undefined) {
      say(ids.interface(id, sub, protocol), interfaceLabel);
    }
  }
  return words;
}

const joinNames = (vendor: string, device: string | undefined): string =>
  device === undefined ? vendor : `${vendor} ${device}`;

/** Fields that need no label before their value. */
const PLAIN = ['name', 'compatible', 'ID', 'channel'];

/** As lspci and lsusb print them. Identifiers are 16 bits wide in fields of 32: "vendor 8086". */
function fieldText({ label, value, number, meaning }: AliasField): string {
  const short = number === undefined ? value : value.replace(/^0000(?=[0-9A-F]{4}$)/, '').toLowerCase();
  if (meaning !== undefined) {
    return label === 'device' || label === 'type' ? meaning : `${label} ${meaning}`;
  }
  return PLAIN.includes(label) ? short : `${label} ${short}`;
}
