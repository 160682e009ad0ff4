import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../kmod/bytes';
import { isSigned, readSignature } from '../../../kmod/signature';

const MAGIC = '~Module signature appended~\n';

/** What `openssl cms -sign -binary -nocerts -noattr` wrote; the issuer is /O=Board Works/CN=Müller's module key. */
const PKCS7 =
  'MIHZBgkqhkiG9w0BBwKggcswgcgCAQExDTALBglghkgBZQMEAgEwCwYJKoZIhvcNAQcBMYGmMIGjAgEBMDwwNTEUMBIGA1UECgwLQm9hcmQgV29ya3MxHTAbBgNVBAMMFE3DvGxsZXIncyBtb2R1bGUga2V5AgMAqwEwCwYJYIZIAWUDBAIBMAoGCCqGSM49BAMCBEcwRQIgKWV4UUH+FL/j61hD1sxzii8zFqxE/Rx6sNowmpgphWYCIQCqFW/JASehzq6InnV19TT0RRKFFi+tDaD/i2TnDp47Iw==';
/** The same with -keyid: the signer is named by a key identifier, of which modinfo makes nothing. */
const PKCS7_KEY_ID =
  'MIGvBgkqhkiG9w0BBwKggaEwgZ4CAQMxDTALBglghkgBZQMEAgMwCwYJKoZIhvcNAQcBMX0wewIBA4AUA+eCPq3/f3W75P2ndqNoOHJYxtswCwYJYIZIAWUDBAIDMAoGCCqGSM49BAMEBEcwRQIhAPIszDBiZ6ntPCXDi91EJw1RyDH8epdLMtjK7od9QqQUAiAhr+qeYfxR48cacrtve/gwmGEAE0nBu3hn60rC/4tSjg==';

interface Trailer {
  readonly algorithm?: number;
  readonly hash?: number;
  readonly idType: number;
  readonly signer?: string;
  readonly keyId?: Buffer;
  readonly signature: Buffer;
  readonly length?: number;
}

function sign({
  algorithm = 1,
  hash = 4,
  idType,
  signer = '',
  keyId = Buffer.of(),
  ...rest
}: Trailer): Buffer {
  const trailer = Buffer.of(algorithm, hash, idType, signer.length, keyId.length, 0, 0, 0, 0, 0, 0, 0);
  trailer.writeUInt32BE(rest.length ?? rest.signature.length, 8);
  return Buffer.concat([Buffer.from(signer), keyId, rest.signature, trailer, Buffer.from(MAGIC)]);
}

const plain: Trailer = {
  idType: 1,
  signer: 'Me',
  keyId: Buffer.of(1, 0xab),
  signature: Buffer.from('SIG'),
};

describe('the signature of a module', () => {
  it('in PKCS#7 names issuer, serial number and digest', () => {
    const message = Buffer.from(PKCS7, 'base64');
    const signature = readSignature(sourceOf(sign({ idType: 2, signature: message, algorithm: 0, hash: 0 })));
    expect(signature).toMatchObject({
      idType: 'PKCS#7',
      signer: "Müller's module key",
      keyId: 'AB:01',
      hashAlgorithm: 'sha256',
    });
    expect(signature?.signature).toMatch(/^30:45:02:20:29:65:.*:9E:3B:23$/);
  });

  it.each([
    [0, 'PGP'],
    [1, 'X509'],
  ])('of the old type %i is read from the trailer', (idType, name) => {
    expect(readSignature(sourceOf(sign({ ...plain, idType })))).toEqual({
      idType: name,
      signer: 'Me',
      keyId: '01:AB',
      hashAlgorithm: 'sha256',
      signature: '53:49:47',
    });
  });

  it.each([
    ['there is none', Buffer.from('\x7fELF')],
    ['the magic text stands alone', Buffer.from(MAGIC)],
    ['its length is 0', sign({ ...plain, length: 0 })],
    ['its length passes the file', sign({ ...plain, length: 0xffffffff })],
    ['its algorithm is unknown', sign({ ...plain, algorithm: 2 })],
    ['its hash is unknown', sign({ ...plain, hash: 9 })],
    ['its type is unknown', sign({ ...plain, idType: 3 })],
    ['it is no PKCS#7 message', sign({ ...plain, idType: 2 })],
    ['it names no issuer', sign({ idType: 2, signature: Buffer.from(PKCS7_KEY_ID, 'base64') })],
    ['its message is cut off', sign({ idType: 2, signature: Buffer.from(PKCS7, 'base64').subarray(0, 100) })],
  ])('is absent, as it is for modinfo, where %s', (_what, bytes) => {
    expect(readSignature(sourceOf(bytes))).toBeUndefined();
  });

  it.each([
    [
      true,
      'names its key by an identifier',
      sign({ idType: 2, signature: Buffer.from(PKCS7_KEY_ID, 'base64') }),
    ],
    [true, 'is of a kind that is not known', sign({ ...plain, idType: 3 })],
    [true, 'is the magic text alone', Buffer.from(MAGIC)],
    [false, 'has something behind it', Buffer.concat([sign(plain), Buffer.of(10)])],
    [false, 'is too short for one', Buffer.from('\x7fELF')],
    [false, 'is empty', Buffer.of()],
  ])('is there for the kernel (%s) where it %s', (there, _what, bytes) => {
    expect(isSigned(sourceOf(bytes))).toBe(there);
  });
});
