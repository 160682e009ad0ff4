/** A host key that known_hosts does not know. */
export interface UnknownHostKey {
  /** As known_hosts would name it: "board", "[192.168.7.2]:2222". */
  readonly host: string;
  /** "ssh-ed25519", … */
  readonly keyType: string;
  /** OpenSSH's form: "SHA256:…". */
  readonly fingerprint: string;
  /** It can not be trusted once: ssh itself asks for the key of a host between, and writes down what it is told. */
  readonly writtenBySsh?: true;
}

/** A secret that is asked for. `attempt` counts from 1; above 1 the previous answer was refused. */
export interface SecretQuestion {
  readonly kind: 'password' | 'passphrase' | 'sudo' | 'doas' | 'su' | 'keyboard-interactive';
  /** "root@192.168.7.2", or the key file of a passphrase; the secret is remembered under kind and subject. */
  readonly subject: string;
  readonly attempt: number;
  /** What the server asks, for keyboard-interactive. */
  readonly prompt?: string;
  /** What the server told before it asked. */
  readonly said?: string;
  /** True when the answer may be shown while it is typed. */
  readonly echo?: boolean;
}

/**
 * Questions that a connection asks a person. Handed in, so that targets know no editor.
 * An `undefined` answer means that the person gave up.
 */
export interface Prompts {
  /** "remember" writes the key to known_hosts. */
  confirmHostKey(key: UnknownHostKey, signal: AbortSignal): Promise<'remember' | 'once' | undefined>;
  secret(question: SecretQuestion, signal: AbortSignal): Promise<string | undefined>;
}
