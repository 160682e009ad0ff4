/** How a bus writes a device into a module alias (scripts/mod/file2alias.c). */
export interface AliasFormat {
  /** The bus, as people call it: the heading above its aliases. */
  readonly bus: string;
  /**
   * What follows `prefix:`; `{label}` stands for hex digits (with `?`, `[…]` or `*`), `{label=text}` for any
   * text up to the next letter of the format.
   */
  readonly format: string;
  /** The file of identifiers that knows the names of these devices. */
  readonly registry?: 'pci' | 'usb';
}

const PCI: AliasFormat = {
  bus: 'PCI',
  format:
    'v{vendor}d{device}sv{subsystem vendor}sd{subsystem device}bc{class}sc{subclass}i{programming interface}',
  registry: 'pci',
};

/** By the alias's prefix. */
export const FORMATS: ReadonlyMap<string, AliasFormat> = new Map<string, AliasFormat>([
  ['pci', PCI],
  // A driver that takes a device only by driver_override (PCI_DRIVER_OVERRIDE_DEVICE_VFIO).
  ['vfio_pci', { ...PCI, bus: 'PCI through VFIO' }],
  [
    'usb',
    {
      bus: 'USB',
      format:
        'v{vendor}p{product}d{release=text}dc{device class}dsc{device subclass}dp{device protocol}' +
        'ic{interface class}isc{interface subclass}ip{interface protocol}in{interface number}',
      registry: 'usb',
    },
  ],
  ['hid', { bus: 'HID', format: 'b{bus}g{group}v{vendor}p{product}', registry: 'usb' }],
  ['of', { bus: 'Device tree', format: 'N{name=text}T{type=text}C{compatible=text}' }],
  ['platform', { bus: 'Platform', format: '{name=text}' }],
  ['i2c', { bus: 'I²C', format: '{name=text}' }],
  ['i3c', { bus: 'I3C', format: 'dcr{device class}manuf{manufacturer}part{part}ext{extra}' }],
  ['spi', { bus: 'SPI', format: '{name=text}' }],
  ['auxiliary', { bus: 'Auxiliary bus', format: '{name=text}' }],
  ['rpmsg', { bus: 'Remote processor messages', format: '{channel=text}' }],
  ['virtio', { bus: 'Virtio', format: 'd{device}v{vendor}' }],
  ['vmbus', { bus: 'Hyper-V VMBus', format: '{GUID=text}' }],
  ['xen', { bus: 'Xen', format: '{name=text}' }],
  ['pnp', { bus: 'Plug and Play', format: 'd{ID=text}' }],
  ['serio', { bus: 'Serial input', format: 'ty{type}pr{protocol}id{ID}ex{extra}' }],
  [
    'input',
    {
      bus: 'Input',
      format:
        'b{bus}v{vendor}p{product}e{version}-e{event types=text}k{keys=text}r{relative axes=text}a{absolute axes=text}' +
        'm{miscellaneous=text}l{LEDs=text}s{sounds=text}f{force feedback=text}w{switches=text}',
    },
  ],
  ['scsi', { bus: 'SCSI', format: 't-0x{type=text}' }],
  ['sdio', { bus: 'SDIO', format: 'c{class}v{vendor}d{device}' }],
  ['ssb', { bus: 'Sonics Silicon Backplane', format: 'v{vendor}id{core}rev{revision}' }],
  ['bcma', { bus: 'Broadcom AMBA', format: 'm{manufacturer}id{core}rev{revision}cl{class}' }],
  ['amba', { bus: 'AMBA', format: 'd{peripheral ID}' }],
  ['ieee1394', { bus: 'FireWire', format: 'ven{vendor}mo{model}sp{specifier}ver{version}' }],
  [
    'pcmcia',
    {
      bus: 'PCMCIA',
      format:
        'm{manufacturer}c{card}f{function type}fn{function}pfn{device}pa{product 1}pb{product 2}pc{product 3}pd{product 4}',
    },
  ],
  ['eisa', { bus: 'EISA', format: 's{ID=text}' }],
  ['parisc', { bus: 'PA-RISC', format: 't{type}hv{hardware version}rev{revision}sv{software version}' }],
  ['zorro', { bus: 'Zorro', format: 'i{ID}' }],
  ['vio', { bus: 'POWER virtual I/O', format: 'T{type=text}S{compatible=text}' }],
  ['ccw', { bus: 's390 channel', format: 't{control unit}m{model}dt{device}dm{device model}' }],
  ['ap', { bus: 's390 crypto', format: 't{type}' }],
  ['css', { bus: 's390 subchannel', format: 't{type}' }],
  ['mdio', { bus: 'MDIO (network PHY)', format: '{ID=text}' }],
  ['hdaudio', { bus: 'HD Audio', format: 'v{vendor}r{revision}a{type}' }],
  ['sdw', { bus: 'SoundWire', format: 'm{manufacturer}p{part}v{version}c{class}' }],
  ['slim', { bus: 'SLIMbus', format: '{manufacturer=text}:{product=text}' }],
  ['ulpi', { bus: 'USB PHY (ULPI)', format: 'v{vendor}p{product}' }],
  ['typec', { bus: 'USB Type-C alternate mode', format: 'id{standard}m{mode}' }],
  ['tbsvc', { bus: 'Thunderbolt', format: 'k{protocol key=text}p{protocol}v{version}r{revision}' }],
  ['rapidio', { bus: 'RapidIO', format: 'v{vendor}d{device}av{assembly vendor}ad{assembly device}' }],
  ['ipack', { bus: 'IndustryPack', format: 'f{format}v{vendor}d{device}' }],
  ['mei', { bus: 'Intel ME interface', format: '{name=text}:{UUID=text}:{version=text}:' }],
  ['ishtp', { bus: 'Intel sensor hub', format: '{GUID=text}' }],
  ['wmi', { bus: 'WMI', format: '{GUID=text}' }],
  ['tee', { bus: 'Trusted execution environment', format: '{UUID=text}' }],
  ['mhi', { bus: 'Modem Host Interface', format: '{channel=text}' }],
  ['mhi_ep', { bus: 'Modem Host Interface endpoint', format: '{channel=text}' }],
  ['ssam', { bus: 'Surface Aggregator', format: 'd{domain}c{category}t{target}i{instance}f{function}' }],
  ['fsl-mc', { bus: 'NXP Management Complex', format: 'v{vendor}d{object=text}' }],
  ['dfl', { bus: 'FPGA Device Feature List', format: 't{type}f{feature}' }],
  ['mipscdmm', { bus: 'MIPS CDMM', format: 't{type}' }],
  ['coreboot', { bus: 'coreboot table', format: 't{tag}' }],
  ['cdx', { bus: 'CDX', format: 'v{vendor}d{device}sv{subsystem vendor}sd{subsystem device}c{class}' }],
  ['vchiq', { bus: 'VideoCore', format: '{name=text}' }],
  ['nd', { bus: 'Non-volatile memory', format: 't{type=text}' }],
  ['cxl', { bus: 'Compute Express Link', format: 't{type=text}' }],
  ['dax', { bus: 'Direct access memory', format: 't{type=text}' }],
]);

/** The parts of a DMI alias, which matches the firmware's description of the machine. */
export const DMI_FIELDS: ReadonlyMap<string, string> = new Map([
  ['bvn', 'BIOS vendor'],
  ['bvr', 'BIOS version'],
  ['bd', 'BIOS date'],
  ['br', 'BIOS release'],
  ['efr', 'firmware release'],
  ['svn', 'system vendor'],
  ['pn', 'product'],
  ['pvr', 'product version'],
  ['sku', 'SKU'],
  ['pfa', 'product family'],
  ['rvn', 'board vendor'],
  ['rn', 'board'],
  ['rvr', 'board version'],
  ['cvn', 'chassis vendor'],
  ['ct', 'chassis type'],
  ['cvr', 'chassis version'],
]);

/** Bus types of input and HID devices (include/uapi/linux/input.h). */
const INPUT_BUSES = new Map([
  [0x01, 'PCI'],
  [0x02, 'ISA PnP'],
  [0x03, 'USB'],
  [0x05, 'Bluetooth'],
  [0x06, 'virtual'],
  [0x10, 'ISA'],
  [0x11, 'i8042'],
  [0x13, 'RS-232'],
  [0x14, 'game port'],
  [0x15, 'parallel port'],
  [0x18, 'I²C'],
  [0x19, 'host'],
  [0x1c, 'SPI'],
  [0x1d, 'RMI'],
  [0x1e, 'CEC'],
  [0x1f, 'Intel sensor hub'],
  [0x20, 'AMD sensor hub'],
]);

/** include/uapi/linux/virtio_ids.h */
const VIRTIO_DEVICES = new Map([
  [1, 'network card'],
  [2, 'block device'],
  [3, 'console'],
  [4, 'entropy source'],
  [5, 'memory balloon'],
  [7, 'remote processor messages'],
  [8, 'SCSI host'],
  [9, '9P transport'],
  [11, 'remote processor serial'],
  [12, 'CAIF'],
  [16, 'GPU'],
  [18, 'input device'],
  [19, 'vsock'],
  [20, 'crypto device'],
  [23, 'IOMMU'],
  [24, 'memory device'],
  [25, 'sound card'],
  [26, 'file system'],
  [27, 'persistent memory'],
  [29, 'simulated wireless card'],
  [30, 'video encoder'],
  [31, 'video decoder'],
  [32, 'SCMI'],
  [34, 'I²C adapter'],
  [40, 'Bluetooth'],
  [41, 'GPIO controller'],
]);

/** Vendors of x86 processors (arch/x86/include/asm/processor.h). */
const X86_VENDORS = new Map([
  [0, 'Intel'],
  [1, 'Cyrix'],
  [2, 'AMD'],
  [3, 'UMC'],
  [5, 'Centaur'],
  [7, 'Transmeta'],
  [8, 'NSC'],
  [9, 'Hygon'],
  [10, 'Zhaoxin'],
  [11, 'Vortex'],
]);

/**
 * Processor features that modules ask for, by the kernel's numbers: of x86 those of the words that follow CPUID
 * (arch/x86/include/asm/cpufeatures.h), of arm64 the ELF hwcaps (arch/arm64/include/uapi/asm/hwcap.h).
 */
export const CPU_FEATURES: ReadonlyMap<string, ReadonlyMap<number, string>> = new Map([
  [
    'x86',
    new Map([
      [22, 'ACPI via MSR'],
      [4 * 32 + 1, 'PCLMULQDQ'],
      [4 * 32 + 3, 'MONITOR/MWAIT'],
      [4 * 32 + 5, 'VMX'],
      [4 * 32 + 9, 'SSSE3'],
      [4 * 32 + 20, 'SSE4.2'],
      [4 * 32 + 25, 'AES'],
      [4 * 32 + 28, 'AVX'],
      [5 * 32 + 2, 'PadLock RNG'],
      [5 * 32 + 6, 'PadLock ACE'],
      [5 * 32 + 10, 'PadLock hash engine'],
      [6 * 32 + 2, 'SVM'],
      [9 * 32 + 5, 'AVX2'],
      [14 * 32, 'digital thermal sensor'],
      [14 * 32 + 6, 'package thermal status'],
    ]),
  ],
  [
    'aarch64',
    new Map([
      [1, 'ASIMD'],
      [3, 'AES'],
      [4, 'PMULL'],
      [5, 'SHA1'],
      [6, 'SHA2'],
      [7, 'CRC32'],
      [17, 'SHA3'],
      [18, 'SM3'],
      [19, 'SM4'],
      [21, 'SHA512'],
    ]),
  ],
]);

/** SCSI device types (include/scsi/scsi_proto.h). */
const SCSI_TYPES = new Map([
  [0, 'disk'],
  [1, 'tape'],
  [2, 'printer'],
  [3, 'processor'],
  [4, 'write-once disk'],
  [5, 'CD or DVD drive'],
  [6, 'scanner'],
  [7, 'magneto-optical disk'],
  [8, 'medium changer'],
  [0xc, 'RAID controller'],
  [0xd, 'enclosure'],
  [0xe, 'simplified disk'],
  [0x14, 'zoned disk'],
]);

/** What a number means, by the alias's prefix and the field. */
export const MEANINGS: ReadonlyMap<string, ReadonlyMap<number, string>> = new Map([
  ['hid bus', INPUT_BUSES],
  ['input bus', INPUT_BUSES],
  ['virtio device', VIRTIO_DEVICES],
  ['cpu vendor', X86_VENDORS],
  ['scsi type', SCSI_TYPES],
]);

/**
 * Names that the kernel asks for by request_module(), and what each asks for; `$1` is the pattern's first group.
 * The first that fits counts.
 */
export const REQUESTED_NAMES: readonly (readonly [pattern: RegExp, kind: string, text: string])[] = [
  [/^fs-(.+)$/, 'File system', 'mount -t $1'],
  [/^crypto-(.+)$/, 'Crypto algorithm', '$1'],
  [/^char-major-(\d+)-(\d+|\*)$/, 'Device number', 'character device $1:$2'],
  [/^block-major-(\d+)-(\d+|\*)$/, 'Device number', 'block device $1:$2'],
  [/^devname:(.+)$/, 'Device node', '/dev/$1'],
  [/^net-pf-(\d+)$/, 'Network', 'socket family $1'],
  [/^net-pf-16-proto-(\d+)$/, 'Network', 'netlink protocol $1'],
  [/^net-pf-16-proto-16-family-(.+)$/, 'Network', 'generic netlink family $1'],
  [/^net-pf-16-proto-(\d+)-type-(.+)$/, 'Network', 'netlink protocol $1, type $2'],
  [/^net-pf-(\d+)-proto-(\d+)$/, 'Network', 'socket family $1, protocol $2'],
  [/^net-pf-(\d+)-proto-(\d+)-type-(\d+)$/, 'Network', 'socket family $1, protocol $2, type $3'],
  [/^rtnl-link-(.+)$/, 'Network', 'ip link add type $1'],
  [/^netdev-(.+)$/, 'Network', 'network interface $1'],
  [/^tcp_(.+)$/, 'Network', 'congestion control $1'],
  [/^(?:net-sch|sch_)-?(.+)$/, 'Network', 'queueing discipline $1'],
  [/^ip_set_(.+)$/, 'Netfilter', 'ipset type $1'],
  [/^(?:nf[-_t]|nfnetlink|nfct-|ip6?t_|xt_|ebt_|arpt?_)/, 'Netfilter', ''],
  [/^(?:net-|xfrm-|ematch-kind)/, 'Network', ''],
  [/^(?:dm-|md-)/, 'Storage', ''],
  [/^tty-ldisc-(\d+)$/, 'Line discipline', 'number $1'],
  [/^(?:snd-|sound-)/, 'Sound', ''],
  [/^binfmt-(.+)$/, 'Binary format', 'magic $1'],
];
