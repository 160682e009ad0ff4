import type { ModuleSignature } from './modinfo';
import { decodeText } from './text';

/** The end of a signed module file (include/linux/module_signature.h). */
const MAGIC = Buffer.from('~Module signature appended~\n', 'latin1');

/** struct module_signature: algo, hash, id_type, signer_len, key_id_len, 3 bytes, sig_len (big endian). */
const TRAILER_LENGTH = 12;

const ALGORITHMS = ['DSA', 'RSA'];
const HASHES = ['md4', 'md5', 'sha1', 'rmd160', 'sha256', 'sha384', 'sha512', 'sha224', 'sm3'];
const ID_TYPES = ['PGP', 'X509', 'PKCS#7'];

/**
 * The signature at the end of a module file, told as kmod's modinfo tells it. Nothing is verified.
 * Undefined where there is none, and where modinfo makes nothing of it either: an unknown kind, lengths that
 * do not fit the file, a PKCS#7 message that names no issuer and serial number.
 */
export async function readSignature(bytes: Uint8Array): Promise<ModuleSignature | undefined> {
  const end = bytes.length - MAGIC.length - TRAILER_LENGTH;
  if (end < 0 || !MAGIC.equals(bytes.subarray(bytes.length - MAGIC.length))) {
    return undefined;
  }
  const trailer = Buffer.from(bytes.subarray(end, end + TRAILER_LENGTH));
  const [algorithm = 0, hash = 0, type = 0, signerLength = 0, keyIdLength = 0] = trailer;
  const [hashAlgorithm, idType] = [HASHES[hash], ID_TYPES[type]];
  const length = trailer.readUInt32BE(8);
  if (algorithm >= ALGORITHMS.length || hashAlgorithm === undefined || idType === undefined || length === 0) {
    return undefined;
  }
  const start = end - length;
  const keyId = start - keyIdLength;
  const signer = keyId - signerLength;
  if (signer < 0) {
    return undefined;
  }
  if (idType === 'PKCS#7') {
    // The ASN.1 packages are read only when a signature is: most modules that people build carry none.
    const { readPkcs7 } = await import('./pkcs7');
    const details = readPkcs7(bytes.subarray(start, end));
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
    signer: decodeText(bytes.subarray(signer, keyId)),
    keyId: toHex(bytes.subarray(keyId, start)),
    hashAlgorithm,
    signature: toHex(bytes.subarray(start, end)),
  };
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .toUpperCase()
    .replace(/..(?=.)/g, '$&:');
}
