import { ContentInfo, SignedData, type IssuerAndSerialNumber } from '@peculiar/asn1-cms';
import { AsnConvert } from '@peculiar/asn1-schema';

/** The first signer of a PKCS#7 message. */
interface Pkcs7Signer {
  /** The issuer's common name. */
  readonly signer: string;
  /** Big endian, without leading zeros. */
  readonly serialNumber: Uint8Array;
  readonly hashAlgorithm: string;
  readonly signature: Uint8Array;
}

const HASHES = new Map([
  ['1.2.840.113549.2.4', 'md4'],
  ['1.2.840.113549.2.5', 'md5'],
  ['1.3.14.3.2.26', 'sha1'],
  ['1.3.36.3.2.1', 'rmd160'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['1.2.156.10197.1.401', 'sm3'],
]);

const COMMON_NAME = '2.5.4.3';

/** Reads a signed-data message (RFC 2315, RFC 5652); undefined where it is none, or names its signer otherwise. */
export function readPkcs7(message: Uint8Array): Pkcs7Signer | undefined {
  const signerInfo = parseSignedData(message)?.signerInfos[0];
  const issuerAndSerial = signerInfo?.sid.issuerAndSerialNumber;
  if (signerInfo === undefined || issuerAndSerial === undefined) {
    return undefined;
  }
  const { algorithm } = signerInfo.digestAlgorithm;
  return {
    signer: issuerName(issuerAndSerial),
    serialNumber: withoutLeadingZeros(new Uint8Array(issuerAndSerial.serialNumber)),
    hashAlgorithm: HASHES.get(algorithm) ?? algorithm,
    signature: new Uint8Array(signerInfo.signature.buffer),
  };
}

function parseSignedData(message: Uint8Array): SignedData | undefined {
  try {
    return AsnConvert.parse(AsnConvert.parse(message, ContentInfo).content, SignedData);
  } catch {
    // The parser has no error of its own; whatever it throws says that this is no such message.
    return undefined;
  }
}

/** As modinfo takes it: the first common name, else the last part of the name. */
function issuerName({ issuer }: IssuerAndSerialNumber): string {
  const parts = issuer.flatMap((relativeName) => [...relativeName]);
  const part = parts.find(({ type }) => type === COMMON_NAME) ?? parts.at(-1);
  return part?.value.toString() ?? '';
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}
