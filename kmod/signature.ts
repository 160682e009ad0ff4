import { bufferOf, type ByteSource } from './bytes';
import type { ModuleSignature } from './modinfo';
import { readPkcs7 } from './pkcs7';
import { decodeText } from './text';

/** The end of a signed module file (include/linux/module_signature.h). */
const MAGIC = Buffer.from('~Module signature appended~\n', 'latin1');

/** struct module_signature: algo, hash, id_type, signer_len, key_id_len, 3 bytes, sig_len (big endian). */
const TRAILER_LENGTH = 12;

const ALGORITHMS = ['DSA', 'RSA'];
const HASHES = ['md4', 'md5', 'sha1', 'rmd160', 'sha256', 'sha384', 'sha512', 'sha224', 'sm3'];
const ID_TYPES = ['PGP', 'X509', 'PKCS#7'];

/** What stands before the trailer: some hundred bytes, a few thousand with certificates in it. */
const MAX_LENGTH = 1 << 16;

/**
 * The signature at the end of a module file, told as kmod's modinfo tells it. Nothing is verified.
 * Undefined where there is none, and where modinfo makes nothing of it either: an unknown kind, lengths that
 * do not fit the file, a PKCS#7 message that names no issuer and serial number.
 */
export function readSignature(source: ByteSource): ModuleSignature | undefined {
  const end = source.size - MAGIC.length - TRAILER_LENGTH;
  if (end < 0) return undefined;
  const tail = bufferOf(source.read(end, TRAILER_LENGTH + MAGIC.length));
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
  const signature = bytes.subarray(signerLength + keyIdLength);
  if (idType === 'PKCS#7') return readMessage(signature);
  return {
    idType,
    signer: decodeText(bytes.subarray(0, signerLength)),
    keyId: toHex(bytes.subarray(signerLength, signerLength + keyIdLength)),
    hashAlgorithm,
    signature: toHex(signature),
  };
}

type Described = Omit<ModuleSignature, 'signature'>;

/** The last message that was read, up to the signature itself. */
let last: { readonly before: Buffer; readonly length: number; readonly described: Described } | undefined;

/** The modules of a kernel are signed with one key: their messages differ in the signature alone, at the end. */
function readMessage(message: Buffer): ModuleSignature | undefined {
  if (last?.length === message.length && last.before.equals(message.subarray(0, last.before.length))) {
    return { ...last.described, signature: toHex(message.subarray(last.before.length)) };
  }
  const details = readPkcs7(message);
  if (details === undefined) return undefined;
  const described: Described = {
    idType: 'PKCS#7',
    signer: details.signer,
    keyId: toHex(details.serialNumber),
    hashAlgorithm: details.hashAlgorithm,
  };
  const start = message.length - details.signature.length;
  // Where what stands before it is the same, DER's lengths are, and it is the same all the way.
  if (message.subarray(start).equals(details.signature)) {
    last = { before: Buffer.from(message.subarray(0, start)), length: message.length, described };
  }
  return { ...described, signature: toHex(details.signature) };
}

const HEX_DIGITS = Buffer.from('0123456789ABCDEF');
const COLON = 0x3a;

/** Every module of a kernel has hundreds of such bytes: this is several times as fast as a replace(). */
function toHex(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  const text = Buffer.alloc(bytes.length * 3 - 1, COLON);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    text[index * 3] = HEX_DIGITS[byte >> 4] ?? 0;
    text[index * 3 + 1] = HEX_DIGITS[byte & 15] ?? 0;
  }
  return text.toString('latin1');
}
