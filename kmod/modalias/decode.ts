import { withoutEnd } from '../text';
import { CPU_FEATURES, DMI_FIELDS, FORMATS, MEANINGS, REQUESTED_NAMES, type AliasFormat } from './formats';

/** A part of an alias that is not left open by `*`. */
export interface AliasField {
  /** "vendor", "device", "compatible", … */
  readonly label: string;
  /** As the alias has it: hex digits or a text, with the wildcards `?`, `*` and `[…]`. */
  readonly value: string;
  /** The number, where the value is one. */
  readonly number?: number;
  /** What the number stands for, where a table of the kernel tells it. */
  readonly meaning?: string;
}

/** What an alias says of the devices that a module drives, or of the names it is asked for by. */
export interface DecodedAlias {
  /** The kind: a bus ("PCI", "Device tree"), or what asks for the name ("File system"). */
  readonly kind: string;
  /** Empty where the alias is a plain name, and where it matches every device of its bus. */
  readonly fields: readonly AliasField[];
  /** What a name stands for: "mount -t vfat"; of a device only "any device". */
  readonly text?: string;
  /** The file of identifiers that knows the names of these devices. */
  readonly registry?: 'pci' | 'usb';
}

/** The kind of an alias that no bus and no request has a format for. */
export const OTHER_NAMES = 'Other names';

/** The longest of the kernel's have some 200 characters. */
const MAX_LENGTH = 1024;

/** Takes an alias apart by the formats of the kernel's scripts/mod/file2alias.c. Never throws. */
export function decodeAlias(alias: string): DecodedAlias {
  if (alias.length > MAX_LENGTH) {
    return { kind: OTHER_NAMES, fields: [] };
  }
  const colon = alias.indexOf(':');
  const prefix = alias.slice(0, Math.max(0, colon)).replace(/\*$/, '');
  const rest = alias.slice(colon + 1);
  const device = decodeBus(prefix, rest);
  if (device === undefined) {
    return decodeName(alias);
  }
  return device.fields.length === 0 ? { ...device, text: 'any device' } : device;
}

function decodeBus(prefix: string, rest: string): DecodedAlias | undefined {
  switch (prefix) {
    case 'acpi':
      return { kind: 'ACPI', fields: decodeAcpi(rest) };
    case 'dmi':
      return { kind: 'Firmware (DMI)', fields: decodeDmi(rest) };
    case 'cpu':
      return { kind: 'Processor', fields: decodeCpu(rest) };
    case 'hid':
      return decodeHid(rest);
    case 'hdaudio':
      return decodeHdAudio(rest);
    default: {
      const format = FORMATS.get(prefix);
      const fields = format === undefined ? undefined : readFormat(prefix, format, rest);
      return format === undefined || fields === undefined ? undefined : withRegistry(format, fields);
    }
  }
}

function withRegistry({ bus, registry }: AliasFormat, fields: readonly AliasField[]): DecodedAlias {
  return { kind: bus, fields, ...(registry === undefined ? {} : { registry }) };
}

/** Vendors of a USB device have names; those of other HID buses have lists of their own. */
function decodeHid(rest: string): DecodedAlias | undefined {
  const format = FORMATS.get('hid');
  const fields = format === undefined ? undefined : readFormat('hid', format, rest);
  if (format === undefined || fields === undefined) {
    return undefined;
  }
  const isUsb = fields.some(({ label, number }) => label === 'bus' && number === 3);
  return isUsb ? withRegistry(format, fields) : { kind: format.bus, fields };
}

/** A codec's vendor ID is a PCI vendor's, and a number that this vendor gave it (HD Audio specification, 7.3.4.1). */
function decodeHdAudio(rest: string): DecodedAlias | undefined {
  const format = FORMATS.get('hdaudio');
  const fields = format === undefined ? undefined : readFormat('hdaudio', format, rest);
  return (
    format &&
    fields && {
      kind: format.bus,
      registry: 'pci',
      fields: fields.flatMap((field) =>
        field.label === 'vendor' && /^[0-9A-F]{8}$/.test(field.value)
          ? [
              numberField('hdaudio', 'vendor', field.value.slice(0, 4)),
              numberField('hdaudio', 'codec', field.value.slice(4)),
            ]
          : [field],
      ),
    }
  );
}

function decodeName(alias: string): DecodedAlias {
  const requested = REQUESTED_NAMES.find(([pattern]) => pattern.test(alias));
  if (requested === undefined) {
    return { kind: OTHER_NAMES, fields: [] };
  }
  const [pattern, kind, text] = requested;
  return { kind, fields: [], ...(text === '' ? {} : { text: alias.replace(pattern, text) }) };
}

interface Matcher {
  readonly pattern: RegExp;
  readonly labels: readonly { readonly label: string; readonly text: boolean }[];
}

const matchers = new Map<AliasFormat, Matcher>();

/**
 * The format as a pattern that never has two ways to read a text, as the text may be made to be slow: values are
 * upper-case hex and the letters between them lower-case, and a text ends at the next letter of the format.
 */
function matcherOf(format: AliasFormat): Matcher {
  let matcher = matchers.get(format);
  if (matcher === undefined) {
    const pieces = [...format.format.matchAll(/([^{]*)\{([^}=]+)(=text)?\}(?=(.?))/g)];
    const pattern = pieces.reduceRight(
      (following, [, letters = '', , text, next]) => {
        const digits = '([0-9A-F?*]*(?:\\[[0-9A-F-]*\\][0-9A-F?*]*)*)';
        const value = text === undefined ? digits : next === '' ? '(.*?)' : `([^${next}]*)`;
        return `${letters}${value}${following === '' ? '' : `(?:${following})?`}`;
      },
      format.format.slice(format.format.lastIndexOf('}') + 1),
    );
    const labels = pieces.map(([, , label = '', text]) => ({ label, text: text !== undefined }));
    matcher = { pattern: new RegExp(`^${pattern}\\*?$`), labels };
    matchers.set(format, matcher);
  }
  return matcher;
}

function readFormat(prefix: string, format: AliasFormat, rest: string): AliasField[] | undefined {
  const { pattern, labels } = matcherOf(format);
  const match = pattern.exec(rest);
  // People who write an alias leave out the rest of it: `pci:v00008086d*`.
  if (match === null || (labels.some((_, index) => match[index + 1] === undefined) && !rest.endsWith('*'))) {
    return undefined;
  }
  return labels.flatMap(({ label, text }, index) => {
    // Some buses end every alias with a '*'.
    const value = (match[index + 1] ?? '').replace(/(?<=[^*])\*$/, '');
    return isOpen(value) ? [] : [text ? textField(prefix, label, value) : numberField(prefix, label, value)];
  });
}

const isOpen = (value: string): boolean => /^\**$/.test(value);

function textField(prefix: string, label: string, value: string): AliasField {
  if (label === 'compatible') {
    return { label, value: value.replace(/C?\*?$/, '') };
  }
  // A list of the numbers that a device has to have: "*1,*3,".
  const trimmed = withoutEnd(value.replace(/(^|,)\*/g, '$1'), ',*');
  return /^0x[0-9a-f]+$/i.test(`0x${trimmed}`) && MEANINGS.has(`${prefix} ${label}`)
    ? numberField(prefix, label, trimmed)
    : { label, value: trimmed };
}

function numberField(prefix: string, label: string, value: string): AliasField {
  if (!/^[0-9A-Fa-f]+$/.test(value)) {
    return { label, value };
  }
  const number = Number.parseInt(value, 16);
  const meaning = MEANINGS.get(`${prefix} ${label}`)?.get(number);
  return { label, value, number, ...(meaning === undefined ? {} : { meaning }) };
}

/** `acpi*:PNP0501:*`, or a PCI class code `acpi*:0C0310:*` with `??` for what is left open. */
function decodeAcpi(rest: string): AliasField[] {
  const value = rest.replace(/(:?\*)?:?$/, '');
  if (isOpen(value)) {
    return [];
  }
  return [{ label: /^[0-9a-fA-F?]{6}$/.test(value) ? 'class' : 'ID', value }];
}

/** `dmi*:svnDELL*:pnLatitude*:`: each part is the name of a field and a pattern. */
function decodeDmi(rest: string): AliasField[] {
  return rest.split(':').flatMap((part) => {
    const key = [...DMI_FIELDS.keys()]
      .filter((name) => part.startsWith(name))
      .sort((a, b) => b.length - a.length)[0];
    const value = key === undefined ? '' : part.slice(key.length).replace(/^\*|\*$/g, '');
    const label = key === undefined ? undefined : DMI_FIELDS.get(key);
    return label === undefined || isOpen(value) ? [] : [{ label, value }];
  });
}

/** `cpu:type:x86,ven0000fam0006mod003C:feature:*,0081*` (arch/x86/include/asm/cpu_device_id.h). */
function decodeCpu(rest: string): AliasField[] {
  const [, architecture = '', model = '', features = ''] =
    /^type:([^,:]*)(?:,([^:]*))?(?::feature:(.*))?$/.exec(rest) ?? [];
  const [, vendor = '*', family = '*', number = '*'] =
    /^ven([0-9A-F*]+)fam([0-9A-F*]+)mod([0-9A-F*]+)$/.exec(model) ?? [];
  const feature = features.replace(/^\*?,?/, '').replace(/\*$/, '');
  return [
    ...(isOpen(architecture) ? [] : [{ label: 'architecture', value: architecture.replace(/\*$/, '') }]),
    ...(isOpen(vendor) ? [] : [numberField('cpu', 'vendor', vendor)]),
    ...(isOpen(family) ? [] : [{ label: 'family', value: String(Number.parseInt(family, 16)) }]),
    ...(isOpen(number) ? [] : [{ label: 'model', value: `0x${number.replace(/^0+(?=.)/, '')}` }]),
    ...(isOpen(feature) ? [] : [{ label: 'feature', value: featureName(architecture, feature) }]),
  ];
}

function featureName(architecture: string, hex: string): string {
  const number = Number.parseInt(hex, 16);
  if (Number.isNaN(number)) {
    return hex;
  }
  // cpufeatures.h numbers them as word * 32 + bit.
  const plain = architecture === 'x86' ? `${number >> 5}*32+${number & 31}` : String(number);
  return CPU_FEATURES.get(architecture)?.get(number) ?? plain;
}
