/** An arm64 Image: the mark of its header (Documentation/arch/arm64/booting.rst), and the banner. */
export function arm64Image(): Buffer {
  const head = Buffer.alloc(128);
  head.write('ARM\x64', 56);
  return Buffer.concat([head, Buffer.from('Linux version 6.1.0 (builder)')]);
}

/** A vmlinuz.efi around an image that gzip packed (drivers/firmware/efi/libstub/zboot-header.S). */
export function zbootImage(packed: Buffer): Buffer {
  const head = Buffer.alloc(0x40);
  head.write('MZ');
  head.write('zimg', 4);
  head.writeUInt32LE(head.length, 8);
  head.writeUInt32LE(packed.length, 12);
  head.write('gzip', 0x18);
  return Buffer.concat([head, packed]);
}
