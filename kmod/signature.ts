import { bufferOf, type ByteSource } from './bytes';
import { ByteOutput } from './byteOutput';
import type { ModuleSignature } from './modinfo';
import { readPkcs7 } from './pkcs7';
import { decodeText, encodeText } from './text';

/** The end of a signed module file (include/linux/module_signature.h). */
const MAGIC = Buffer.from('~Module signature appended~\n', 'latin1');

/** struct module_signature: algo, hash, id_type, signer_len, key_id_len, 3 bytes, sig_len (big endian). */
const TRAILER_LENGTH = 12;

const ALGORITHMS = ['DSA', 'RSA'];
const HASHES = ['md4', 'md5', 'sha1', 'rmd160', 'sha256', 'sha384', 'sha512', 'sha224', 'sm3'];
const ID_TYPES = ['PGP', 'X509', 'PKCS#7'];

/** What stands before the trailer: some hundred bytes, a few thousand with certificates in it. */
const MAX_LENGTH = 1 << 16;

/** A signature as it stands in the file. */
export interface SignatureParts {
  /** "PKCS#7", "X509" or "PGP". */
  readonly idType: string;
  readonly signer: Uint8Array;
  readonly keyId: Uint8Array;
  readonly hashAlgorithm: string;
  readonly signature: Uint8Array;
}

/**
 * The file ends with a signature for the kernel (kernel/module/signing.c, module_sig_check()), also where modinfo makes
 * nothing of it: one that names its key by an identifier (scripts/sign-file -k), or with an algorithm of its own.
 */
export function isSigned(source: ByteSource): boolean {
  const start = source.size - MAGIC.length;
  return start >= 0 && MAGIC.equals(bufferOf(source.read(start, MAGIC.length)));
}

/** The signature at the end of a module file, told as kmod's modinfo tells it; undefined as findSignature. */
export function readSignature(source: ByteSource): ModuleSignature | undefined {
  const parts = findSignature(source);
  return (
    parts && {
      ...parts,
      signer: decodeText(parts.signer),
      keyId: toHex(parts.keyId),
      signature: toHex(parts.signature),
    }
  );
}

/** What readSignature made text of. */
export function partsOfSignature({
  idType,
  signer,
  keyId,
  hashAlgorithm,
  signature,
}: ModuleSignature): SignatureParts {
  return {
    idType,
    signer: encodeText(signer),
    keyId: fromHex(keyId),
    hashAlgorithm,
    signature: fromHex(signature),
  };
}

/**
 * The signature at the end of a module file. Nothing is verified.
 * Undefined where there is none, and where modinfo makes nothing of it either: an unknown kind, lengths that
 * do not fit the file, a PKCS#7 message that names no issuer and serial number.
 */
export function findSignature(source: ByteSource): SignatureParts | undefined {
  const end = source.size - MAGIC.length - TRAILER_LENGTH;
  if (end < 0) return undefined;
  const tail = bufferOf(source.read(end, TRAILER_LENGTH + MAGIC.length));
  if (last?.tail.equals(tail) === true && end >= last.length) {
    const message = bufferOf(source.read(end - last.length, last.length));
    const known = partsBy(last, message);
    if (known !== undefined) return known;
  }
  if (!MAGIC.equals(tail.subarray(TRAILER_LENGTH))) return undefined;
  const hashAlgorithm = HASHES[tail.readUInt8(1)];
  const idType = ID_TYPES[tail.readUInt8(2)];
  const signerLength = tail.readUInt8(3);
  const keyIdLength = tail.readUInt8(4);
  const length = tail.readUInt32BE(8);
  if (tail.readUInt8(0) >= ALGORITHMS.length || hashAlgorithm === undefined || idType === undefined) {
    return undefined;
  }
  const start = end - length - keyIdLength - signerLength;
  if (length === 0 || length > MAX_LENGTH || start < 0) return undefined;
  const bytes = bufferOf(source.read(start, end - start));
  const message = bytes.subarray(signerLength + keyIdLength);
  if (idType === 'PKCS#7') return readMessage(message, tail);
  const signer = bytes.subarray(0, signerLength);
  const keyId = bytes.subarray(signerLength, signerLength + keyIdLength);
  return { idType, signer, keyId, hashAlgorithm, signature: message };
}

/** What was read of a PKCS#7 message: modules of a kernel are signed with one key, and differ in the signature alone. */
interface KnownMessage extends Omit<SignatureParts, 'signature'> {
  /** The end of the file. */
  readonly tail: Buffer;
  /** Of the message. */
  readonly length: number;
  /** What stands in the message before the signature itself, which ends it. */
  readonly before: Buffer;
}

let last: KnownMessage | undefined;

function partsBy({ before, idType, signer, keyId, hashAlgorithm }: KnownMessage, message: Buffer) {
  // Where what stands before it is the same, DER's lengths are, and it is the same all the way.
  return before.equals(message.subarray(0, before.length))
    ? { idType, signer, keyId, hashAlgorithm, signature: message.subarray(before.length) }
    : undefined;
}

function readMessage(message: Buffer, tail: Buffer): SignatureParts | undefined {
  const details = readPkcs7(message);
  if (details === undefined) return undefined;
  const { hashAlgorithm, signature } = details;
  const start = message.length - signature.length;
  const read = {
    tail: Buffer.from(tail),
    length: message.length,
    before: Buffer.from(message.subarray(0, start)),
    idType: 'PKCS#7',
    signer: Uint8Array.from(details.signer),
    keyId: Uint8Array.from(details.serialNumber),
    hashAlgorithm,
  };
  if (message.subarray(start).equals(signature)) last = read;
  return { ...read, signature };
}

const hex = new ByteOutput();

function toHex(bytes: Uint8Array): string {
  hex.hex(bytes, Infinity);
  return hex.take().toString('latin1');
}

function fromHex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}
