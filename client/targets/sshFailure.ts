import { cutLine } from '../../kmod/text';
import { ConnectError } from './errors';

/** A fault of ssh2's: which part of the connection it is of stands in `level`. */
export interface SshFault extends Error {
  readonly level?: string;
  readonly code?: string | number;
}

/** SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE and its like carry a number (RFC 4253, 11.1). */
const isDisconnect = (fault: SshFault): boolean => typeof fault.code === 'number';

/** What pam_nologin(8) and shutdown(8) say while a machine starts or stops. */
const NOLOGIN = /pam_nologin|system is (booting up|going down)/i;

/** A server that lets in nobody but root for now; it is no refusal of a person, and passes. Undefined: it says none such. */
export function explainNoLogin(where: string, said: string): ConnectError | undefined {
  return NOLOGIN.test(said.slice(0, SAID_LIMIT))
    ? new ConnectError(
        `${where}: it lets in nobody but root for now. It says: ${plainWords(said)}`,
        'refused',
      )
    : undefined;
}

const WORDS_LIMIT = 300;

/** Characters in which a reason is looked for. */
const SAID_LIMIT = 64 * 1024;

/** What a server said, for a message: one line, and not endless. */
export function plainWords(said: string): string {
  // Much of it may be blanks.
  const words = cutLine(said.trimStart(), 8 * WORDS_LIMIT)
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim();
  return words.length > WORDS_LIMIT ? `${words.slice(0, WORDS_LIMIT)}…` : words;
}

/** What PAM's pam_unix and sshd say where a login has to change its password first. */
const PASSWORD_IS_OLD = /password has expired|password change required/i;

/** Why a login was good and no command runs: another program does, or none. @param said what that printed */
export function explainNoCommand(said: string): string {
  if (PASSWORD_IS_OLD.test(said.slice(0, SAID_LIMIT))) {
    return `the password of its user has to be changed first: log in with ssh in a terminal, and do it there (it says: ${plainWords(said)})`;
  }
  const words = plainWords(said);
  return `its user's login does not run what it is told; the login shell may be nologin, or a command is forced on the key or by the server (${words === '' ? 'it says nothing' : `it says: ${words}`})`;
}

/** Which kind of algorithm the two sides have none of in common: "key exchange algorithm"; undefined for another fault. */
export const mismatchOf = (fault: SshFault): string | undefined => {
  const at = fault.message.indexOf(NO_MATCH);
  return at < 0 ? undefined : fault.message.slice(at + NO_MATCH.length);
};

const NO_MATCH = 'no matching ';

const OPTIONS: readonly (readonly [RegExp, string])[] = [
  [/key exchange/, 'KexAlgorithms'],
  [/host key/, 'HostKeyAlgorithms'],
  [/cipher/, 'Ciphers'],
  [/MAC/, 'MACs'],
];

/** The way out where the two sides have no algorithm of a kind in common. @param offer the server's, a comma between */
export function allowing(kind: string, offer: string | undefined): string {
  const option = OPTIONS.find(([pattern]) => pattern.test(kind))?.[1];
  const first = offer?.split(',')[0];
  return option === undefined || first === undefined || first === ''
    ? 'Its SSH server is too old or too new for this client.'
    : `Its SSH server is too old or too new for what you allow: update it, or allow it for this host in ~/.ssh/config: ${option} +${first}`;
}

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
    new ConnectError(
      `${where}: ${text}${said === '' ? '' : ` (the proxy said: ${plainWords(said)})`}`,
      kind,
      {
        cause: fault,
      },
    );

  const mismatch = mismatchOf(fault);
  if (mismatch !== undefined) {
    return explain(
      `no ${mismatch} in common${offer === undefined ? '' : `: the server offers only ${plainWords(offer)}`}. ${allowing(mismatch, offer)}`,
      'protocol',
    );
  }
  if (/before handshake/.test(fault.message)) {
    const what =
      said === ''
        ? 'the connection was closed before an SSH server answered. Is the port right?'
        : 'the proxy ended before an SSH server answered';
    return explain(what, 'protocol');
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
