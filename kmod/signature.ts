import type { ByteSource } from './bytes';
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
  const tail = Buffer.from(source.read(end, TRAILER_LENGTH + MAGIC.length));
  if (!MAGIC.equals(tail.subarray(TRAILER_LENGTH))) return undefined;
  const [algorithm = 0, hash = 0, type = 0, signerLength = 0, keyIdLength = 0] = tail;
  const [hashAlgorithm, idType] = [HASHES[hash], ID_TYPES[type]];
  const length = tail.readUInt32BE(8);
  if (algorithm >= ALGORITHMS.length || hashAlgorithm === undefined || idType === undefined || length === 0) {
    return undefined;
  }
  const start = end - length - keyIdLength - signerLength;
  if (start < 0 || length > MAX_LENGTH) return undefined;
  const bytes = source.read(start, end - start);
  const [signer, keyId, signature] = [
    bytes.subarray(0, signerLength),
    bytes.subarray(signerLength, signerLength + keyIdLength),
    bytes.subarray(signerLength + keyIdLength),
  ];
  if (idType === 'PKCS#7') {
    const details = readPkcs7(signature);
    return (
      details && {
        idType,
        signer: details.signer,
        keyId: toHex(details.serialNumber),
        hashAlgorithm: details.hashAlgorithm,
        signature: toHex(details.signature),
      }
    );
  }
  return {
    idType,
    signer: decodeText(signer),
    keyId: toHex(keyId),
    hashAlgorithm,
    signature: toHex(signature),
  };
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('hex')
    .toUpperCase()
    .replace(/..(?=.)/g, '$&:');
}
