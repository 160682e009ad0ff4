import type { SshTargetDefinition } from './definition';

/** The argv with which a person reaches a target from a terminal; ~/.ssh/config fills the rest, as it does here. */
export function sshCommandLine({ host, port, user, identityFile }: SshTargetDefinition): string[] {
  return [
    'ssh',
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(identityFile === undefined ? [] : ['-i', identityFile]),
    '--',
    host,
  ];
}
