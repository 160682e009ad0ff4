/** A target reached over SSH, as the setting `kmod.targets` tells it; ~/.ssh/config fills what is left out. */
export interface SshTargetDefinition {
  readonly kind: 'ssh';
  /** Unique among the targets; what views show. */
  readonly name: string;
  /** A host name, an address, or a Host of ~/.ssh/config. */
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  /** A private key file; `~/` is the home directory. */
  readonly identityFile?: string;
}

/** The throw-away kernel in QEMU. */
export interface ScratchTargetDefinition {
  readonly kind: 'scratch';
  readonly name: string;
}

export type TargetDefinition = SshTargetDefinition | ScratchTargetDefinition;
