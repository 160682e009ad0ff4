import {
  buildElf,
  buildIdNote,
  buildSymbols,
  buildVersions,
  buildWords,
  SHAPES,
  type BuiltSection,
  type ElfShape,
} from '../unit/kmod/elfBuilder';

export const SHAPE: ElfShape = { bits: 64, byteOrder: 'little' };

const MODINFO = [
  'license=GPL',
  'description=Greets from the kernel',
  'author=Somebody <some@body.example>',
  'alias=pci:v00008086d000010D3sv*sd*bc*sc*i*',
  'depends=chain_base,other',
  'softdep=pre: a b post: c',
  'parm=count:How often to greet (default 1)',
  'parmtype=count:int',
  'parmtype=list:array of int',
  'vermagic=6.1.0-57-amd64 SMP preempt mod_unload modversions ',
  'import_ns=NS',
  'name=rich',
];

/** A module that has all that is read, and a signature that names its signer. */
export function richModule(shape: ElfShape = SHAPE): Buffer {
  const wide = shape.bits === 64;
  const sections: BuiltSection[] = [
    { name: '.modinfo', data: MODINFO.map((line) => `${line}\0`).join('') },
    { name: '__versions', data: buildVersions(shape, [['module_layout', 1]]) },
    { name: '__version_ext_crcs', data: buildWords(shape, [1, 2]) },
    { name: '__version_ext_names', data: 'module_layout\0_printk\0' },
    { name: '__ksymtab_gpl', data: Buffer.alloc(24) },
    { name: '__kcrctab_gpl', data: buildWords(shape, [3, 4]) },
    { name: '__ksymtab_strings', data: 'one\0NS\0two\0\0' },
    { name: '__param', data: Buffer.alloc(wide ? 40 : 20) },
    { name: '.init.text', data: 'code' },
    { name: '.note.gnu.build-id', data: buildIdNote(shape, Buffer.alloc(20, 7)) },
    { name: '.debug_info', data: 'debug' },
    ...buildSymbols(shape, [
      { name: '__ksymtab_one', section: 5 },
      { name: '__crc_one', section: 6 },
      { name: '__kstrtabns_one', section: 7, value: 4 },
      { name: '__param_count', section: 8, size: wide ? 40 : 20 },
      { name: 'rich_init', section: 9, info: 2 },
      { name: 'init_module', section: 9 },
      { name: '_printk' },
    ]),
  ];
  return buildElf(shape, sections);
}

const signed = (module: Buffer): Buffer => {
  const trailer = Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, SIGNATURE.length]);
  return Buffer.concat([module, SIGNATURE, trailer, Buffer.from('~Module signature appended~\n')]);
};

/** A value in DER, with a length of one byte or three. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const value = Buffer.concat(parts);
  const length = value.length < 0x80 ? [value.length] : [0x82, value.length >>> 8, value.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
};

/** Signed data of RFC 2315 with one signer, without certificates. */
const SIGNATURE = (() => {
  const sha256 = der(0x30, der(6, Buffer.from('608648016503040201', 'hex')), der(5));
  const name = der(0x30, der(0x31, der(0x30, der(6, Buffer.of(0x55, 4, 3)), der(0x0c, Buffer.from('key')))));
  const signer = der(
    0x30,
    der(2, Buffer.of(1)),
    der(0x30, name, der(2, Buffer.from('1234', 'hex'))),
    sha256,
    der(0x30, der(6, Buffer.from('2a864886f70d010101', 'hex')), der(5)),
    der(4, Buffer.alloc(16, 9)),
  );
  const data = der(
    0x30,
    der(2, Buffer.of(1)),
    der(0x31, sha256),
    der(0x30, der(6, Buffer.from('2a864886f70d010701', 'hex'))),
    der(0x31, signer),
  );
  return der(0x30, der(6, Buffer.from('2a864886f70d010702', 'hex')), der(0xa0, data));
})();

export const PKCS7 = SIGNATURE;

export const MODULES = [...SHAPES.map(richModule), signed(richModule())];
