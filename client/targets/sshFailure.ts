import { ConnectError } from './errors';

/** A fault of ssh2's: which part of the connection it is of stands in `level`. */
export interface SshFault extends Error {
  readonly level?: string;
  readonly code?: string | number;
}

/** SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE and its like carry a number (RFC 4253, 11.1). */
const isDisconnect = (fault: SshFault): boolean => typeof fault.code === 'number';

/** Which kind of algorithm the two sides have none of in common: "key exchange algorithm"; undefined for another fault. */
export const mismatchOf = (fault: SshFault): string | undefined =>
  /no matching (.*)$/.exec(fault.message)?.[1];

/**
 * Says what went wrong while a connection was made.
 * @param offer the algorithms that the server offered when the last kind of them was negotiated
 * @param said what a ProxyCommand printed
 */
export function explainFault(
  fault: SshFault,
  where: string,
  offer: string | undefined,
  said: string,
): ConnectError {
  const explain = (text: string, kind: ConnectError['kind']): ConnectError =>
    new ConnectError(`${where}: ${text}${said === '' ? '' : ` (the proxy said: ${said})`}`, kind, {
      cause: fault,
    });

  const mismatch = mismatchOf(fault);
  if (mismatch !== undefined) {
    return explain(
      `no ${mismatch} in common${offer === undefined ? '' : `: the server offers only ${offer}`}. ` +
        'Its SSH server is too old or too new for this client.',
      'protocol',
    );
  }
  if (/before handshake/.test(fault.message)) {
    return explain('the connection was closed before an SSH server answered. Is the port right?', 'protocol');
  }
  if (isDisconnect(fault)) {
    return /auth/i.test(fault.message)
      ? explain(
          `the server ended the login: ${fault.message}. Name one key file for the target, so that not every key is tried.`,
          'authentication',
        )
      : explain(`the server ended the connection: ${fault.message}`, 'protocol');
  }
  if (fault.level === 'client-socket') {
    return explain(`the connection broke while logging in: ${fault.message}`, 'refused');
  }
  return explain(`this is not SSH as it should be: ${fault.message}`, 'protocol');
}
