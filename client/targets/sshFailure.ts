import { ConnectError } from './errors';

/** A fault of ssh2's: which part of the connection it is of stands in `level`. */
export interface SshFault extends Error {
  readonly level?: string;
  readonly code?: string | number;
}

/** SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE and its like carry a number (RFC 4253, 11.1). */
const isDisconnect = (fault: SshFault): boolean => typeof fault.code === 'number';

/**
 * Says what went wrong while a connection was made.
 * @param offers what the server offered for each kind of algorithm, as far as it came
 * @param said what a ProxyCommand printed
 */
export function explainFault(
  fault: SshFault,
  where: string,
  offers: ReadonlyMap<string, string>,
  said: string,
): ConnectError {
  const explain = (text: string, kind: ConnectError['kind']): ConnectError =>
    new ConnectError(`${where}: ${text}${said === '' ? '' : ` (the proxy said: ${said})`}`, kind, {
      cause: fault,
    });

  const mismatch = /no matching (.*)$/.exec(fault.message)?.[1];
  if (mismatch !== undefined) {
    const offer = [...offers].findLast(
      ([what]) => mismatch.startsWith(what.toLowerCase()) || what === mismatch,
    );
    const offered = offer ?? [...offers].at(-1);
    return explain(
      `no ${mismatch} in common${offered === undefined ? '' : `: the server offers only ${offered[1]}`}. ` +
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
