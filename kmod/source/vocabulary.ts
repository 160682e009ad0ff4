/** A word that the kernel understands as an argument of a module macro. */
export interface KnownWord {
  readonly name: string;
  readonly meaning: string;
}

const words = (entries: Readonly<Record<string, string>>): readonly KnownWord[] =>
  Object.entries(entries).map(([name, meaning]) => ({ name, meaning }));

/** license_is_gpl_compatible() of include/linux/license.h. */
export const GPL_COMPATIBLE_LICENSES = words({
  GPL: 'GNU General Public License, version 2, or 2 and later: the sources say which.',
  'GPL v2': 'The same as "GPL": kept for older modules.',
  'GPL and additional rights': 'GPL version 2, with more rights than it gives.',
  'Dual BSD/GPL': 'GPL version 2, or a BSD license.',
  'Dual MIT/GPL': 'GPL version 2, or the MIT license.',
  'Dual MPL/GPL': 'GPL version 2, or the Mozilla Public License.',
});

/** The licences that include/linux/module.h names. */
export const LICENSES: readonly KnownWord[] = [
  ...GPL_COMPATIBLE_LICENSES,
  ...words({
    Proprietary: 'Not free: loading the module taints the kernel (P), and it can not use GPL-only symbols.',
  }),
];

/** The types of include/linux/moduleparam.h: those with both param_check_TYPE and param_ops_TYPE. */
export const PARAMETER_TYPES = words({
  bool: 'A bool: y, n, 1, 0, on, off; the name alone means y.',
  invbool: 'A bool with the opposite sense: n means true.',
  bint: 'An int that takes what a bool takes.',
  bool_enable_only: 'A bool that can be set, but not cleared while the module is loaded.',
  byte: 'An unsigned char.',
  short: 'A short.',
  ushort: 'An unsigned short.',
  int: 'An int: decimal, 0x… or 0….',
  uint: 'An unsigned int.',
  hexint: 'An unsigned int that sysfs shows in hexadecimal.',
  long: 'A long.',
  ulong: 'An unsigned long.',
  ullong: 'An unsigned long long.',
  charp: 'A char *: a text of up to 1024 bytes that the kernel keeps.',
});

/** C types that are taken for parameter types, and what is meant. */
export const MEANT_TYPES: ReadonlyMap<string, string> = new Map([
  ['u8', 'byte'],
  ['uint8_t', 'byte'],
  ['unsigned char', 'byte'],
  ['s16', 'short'],
  ['u16', 'ushort'],
  ['uint16_t', 'ushort'],
  ['unsigned short', 'ushort'],
  ['s32', 'int'],
  ['int32_t', 'int'],
  ['integer', 'int'],
  ['u32', 'uint'],
  ['uint32_t', 'uint'],
  ['unsigned', 'uint'],
  ['unsigned int', 'uint'],
  ['unsigned long', 'ulong'],
  ['size_t', 'ulong'],
  ['u64', 'ullong'],
  ['uint64_t', 'ullong'],
  ['unsigned long long', 'ullong'],
  ['char *', 'charp'],
  ['char*', 'charp'],
  ['string', 'charp'],
  ['boolean', 'bool'],
]);

/** The device tables that modpost makes aliases of (scripts/mod/file2alias.c, Linux 6.1), the common ones. */
export const DEVICE_TYPES = words({
  acpi: 'struct acpi_device_id',
  amba: 'struct amba_id',
  auxiliary: 'struct auxiliary_device_id',
  bcma: 'struct bcma_device_id',
  dmi: 'struct dmi_system_id',
  hid: 'struct hid_device_id',
  i2c: 'struct i2c_device_id',
  input: 'struct input_device_id',
  mdio: 'struct mdio_device_id',
  of: 'struct of_device_id: the device tree',
  pci: 'struct pci_device_id',
  platform: 'struct platform_device_id',
  pnp: 'struct pnp_device_id',
  sdio: 'struct sdio_device_id',
  serio: 'struct serio_device_id',
  spi: 'struct spi_device_id',
  tee: 'struct tee_client_device_id',
  usb: 'struct usb_device_id',
  virtio: 'struct virtio_device_id',
  x86cpu: 'struct x86_cpu_id',
});

/** Permissions that parameters have, most common first. */
export const PERMISSIONS = words({
  '0444': 'Everybody reads the parameter in sysfs.',
  '0644': 'Everybody reads it, root writes it: the module has to live with a change at any time.',
  '0': 'No file in sysfs.',
  '0400': 'Only root reads it.',
  '0600': 'Only root reads and writes it.',
  '0200': 'Only root writes it.',
});
