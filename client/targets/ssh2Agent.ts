import { createPrivateKey } from 'node:crypto';
import { BaseAgent, OpenSSHAgent, utils, type ParsedKey as Ssh2Key } from 'ssh2';
import { ENCRYPTED, type Identity, type ParseKey, type SignatureHash } from './sshKeys';

export const parseKey: ParseKey = (data, passphrase) => {
  const pkcs8 = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/m.exec(data.toString('latin1'));
  if (pkcs8 === null) {
    return utils.parseKey(data, passphrase);
  }
  if (pkcs8[1] !== undefined && passphrase === undefined) {
    return new Error(ENCRYPTED);
  }
  try {
    return utils.parseKey(traditional(data, passphrase));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

/** ssh2 reads the keys of PKCS #8 (RFC 5958) only where they are Ed25519: the others have an older form of their own. */
function traditional(data: Buffer, passphrase: string | undefined): string | Buffer {
  const key = createPrivateKey({ key: data, ...(passphrase === undefined ? {} : { passphrase }) });
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' });
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' });
    default:
      return key.export({ type: 'pkcs8', format: 'pem' });
  }
}

/** The keys that an agent holds and ssh2 can use. @throws when the agent does not answer */
export function listAgent(socket: string): Promise<Identity[]> {
  const agent = new OpenSSHAgent(socket);
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) {
        reject(error);
      } else {
        resolve((keys ?? []).map((key) => agentIdentity(agent, key as Ssh2Key)));
      }
    });
  });
}

function asKey(key: Ssh2Key | Buffer | string): Ssh2Key {
  const parsed = typeof key === 'string' || Buffer.isBuffer(key) ? utils.parseKey(key) : key;
  if (parsed instanceof Error) {
    throw parsed;
  }
  return parsed;
}

function agentIdentity(agent: OpenSSHAgent, key: Ssh2Key): Identity {
  return {
    publicKey: key.getPublicSSH(),
    origin: `${key.comment} of the agent`,
    sign: (data, hash) =>
      new Promise((resolve, reject) => {
        agent.sign(key, data, hash === undefined ? {} : { hash }, (error, signature) => {
          if (error || signature === undefined) {
            reject(error ?? new Error('the agent gave no signature'));
          } else {
            resolve(signature);
          }
        });
      }),
  };
}

/** Shows an identity to ssh2 as an agent: it offers the public key, and asks for a signature when it is taken. */
export class IdentityAgent extends BaseAgent {
  /** @param maySha1 asked before a signature with SHA-1 */
  constructor(
    private readonly identity: Identity,
    private readonly maySha1: () => boolean,
  ) {
    super();
  }

  override getIdentities(done: (error: Error | undefined, keys?: Buffer[]) => void): void {
    done(undefined, [this.identity.publicKey]);
  }

  override sign(key: Ssh2Key | Buffer | string, data: Buffer, ...rest: readonly unknown[]): void {
    const done = rest.at(-1) as (error: Error | null, signature?: Buffer) => void;
    const { hash } = (rest.length > 1 ? rest[0] : {}) as { hash?: SignatureHash };
    if (!asKey(key).getPublicSSH().equals(this.identity.publicKey)) {
      done(new Error('a signature of a key that was not offered'));
      return;
    }
    if (hash === 'sha1' && !this.maySha1()) {
      done(new Error(`${this.identity.origin} is not used: a signature with SHA-1 is not allowed`));
      return;
    }
    this.identity.sign(data, hash).then((signature) => done(null, signature), done);
  }
}
