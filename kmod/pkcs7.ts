/** The first signer of a PKCS#7 message. */
interface Pkcs7Signer {
  /** The issuer's common name. */
  readonly signer: Uint8Array;
  /** Big endian, without leading zeros. */
  readonly serialNumber: Uint8Array;
  readonly hashAlgorithm: string;
  readonly signature: Uint8Array;
}

/** Object identifiers, as the bytes that encode them. */
const SIGNED_DATA = '2a864886f70d010702';
const COMMON_NAME = '550403';
const HASHES = new Map([
  ['2a864886f70d0204', 'md4'],
  ['2a864886f70d0205', 'md5'],
  ['2b0e03021a', 'sha1'],
  ['2b24030201', 'rmd160'],
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
  ['608648016503040204', 'sha224'],
  ['608648016503040208', 'sha3-256'],
  ['608648016503040209', 'sha3-384'],
  ['60864801650304020a', 'sha3-512'],
  ['2a811ccf55018311', 'sm3'],
]);

const TAG = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 } as const;

/**
 * Reads a signed-data message (RFC 2315, RFC 5652); undefined where it is none, or names its signer otherwise.
 * Every module of a tree is signed: this reads the one path that leads to its signer, in DER as the kernel wants it.
 */
export function readPkcs7(message: Uint8Array): Pkcs7Signer | undefined {
  try {
    return readSigner(message);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function readSigner(message: Uint8Array): Pkcs7Signer | undefined {
  const contentInfo = new DerReader(message).enter(TAG.sequence);
  if (toHex(contentInfo.take(TAG.oid)) !== SIGNED_DATA) return undefined;
  const signedData = contentInfo.enter(TAG.context0).enter(TAG.sequence);
  signedData.take(TAG.integer);
  signedData.take(TAG.set);
  signedData.take(TAG.sequence);
  // Certificates and revocation lists may stand in between.
  while (!signedData.isNext(TAG.set)) signedData.take(signedData.tag);
  const signerInfo = signedData.enter(TAG.set).enter(TAG.sequence);
  signerInfo.take(TAG.integer);
  if (!signerInfo.isNext(TAG.sequence)) return undefined;
  const issuerAndSerial = signerInfo.enter(TAG.sequence);
  const signer = commonName(issuerAndSerial.enter(TAG.sequence));
  const serialNumber = withoutLeadingZeros(issuerAndSerial.take(TAG.integer));
  const algorithm = toHex(signerInfo.enter(TAG.sequence).take(TAG.oid));
  if (signerInfo.isNext(TAG.context0)) signerInfo.take(TAG.context0);
  signerInfo.take(TAG.sequence);
  const signature = signerInfo.take(TAG.octets);
  return { signer, serialNumber, hashAlgorithm: HASHES.get(algorithm) ?? 'unknown', signature };
}

/** As modinfo takes it: the first common name, else the last part of the name. */
function commonName(name: DerReader): Uint8Array {
  let value: Uint8Array = new Uint8Array();
  while (!name.atEnd) {
    const relativeName = name.enter(TAG.set);
    while (!relativeName.atEnd) {
      const part = relativeName.enter(TAG.sequence);
      const type = toHex(part.take(TAG.oid));
      value = part.take(part.tag);
      if (type === COMMON_NAME) return value;
    }
  }
  return value;
}

class DerError extends Error {
  override readonly name = 'DerError';
}

/** Values one after the other, as DER (X.690) writes them. */
class DerReader {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** The tag of the next value. */
  get tag(): number {
    const tag = this.bytes[this.#at];
    if (tag === undefined) throw new DerError('ends early');
    return tag;
  }

  isNext(tag: number): boolean {
    return this.tag === tag;
  }

  /** The content of the next value. */
  take(tag: number): Uint8Array {
    if (this.tag !== tag) throw new DerError(`holds tag ${this.tag} instead of ${tag}`);
    let start = this.#at + 2;
    let length = this.bytes[this.#at + 1] ?? 0;
    if (length >= 0x80) {
      const digits = length & 0x7f;
      if (digits === 0 || digits > 4) throw new DerError('has a length that DER has not');
      length = 0;
      for (let digit = 0; digit < digits; digit++) length = length * 256 + (this.bytes[start++] ?? 0);
    }
    if (start + length > this.bytes.length) throw new DerError('ends early');
    this.#at = start + length;
    return this.bytes.subarray(start, this.#at);
  }

  enter(tag: number): DerReader {
    return new DerReader(this.take(tag));
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}
