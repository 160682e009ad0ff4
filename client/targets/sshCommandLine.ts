import type { SshTargetDefinition } from './definition';

/** What names a target's host to ssh, the options first. */
export function sshArguments({ host, port, user }: SshTargetDefinition, configFile?: string): string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    '--',
    host,
  ];
}

/** ssh as the way to a target: its connection sharing (ControlMaster) does not exist on Windows. */
export const canRunSystemSsh = (): boolean => process.platform !== 'win32';

/** What keeps ssh from looking at a host key, and from writing it down. */
export const ANY_HOST_KEY = [
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'GlobalKnownHostsFile=/dev/null',
];

/** The argv with which a person reaches a target from a terminal; ~/.ssh/config fills the rest, as it does here. */
export function sshCommandLine(definition: SshTargetDefinition): string[] {
  const { identityFile, ephemeralHostKey } = definition;
  return [
    'ssh',
    ...(identityFile === undefined ? [] : ['-i', identityFile]),
    ...(ephemeralHostKey === true ? ANY_HOST_KEY.flatMap((setting) => ['-o', setting]) : []),
    ...sshArguments(definition),
  ];
}
