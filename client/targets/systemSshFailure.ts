import { withoutEnd } from '../../kmod/text';
import { ConnectError } from './errors';
import { knownHostsName } from './hostKeys';
import { loginName, type SshConfig } from './sshConfig';
import { allowing, explainNoLogin, plainWords } from './sshFailure';
import { forgetting, knownAs } from './verifyHostKey';

type Kind = ConnectError['kind'];

/** What ssh prints on stderr before it gives up (its sshconnect.c, packet.c), and what it means. */
const MEANINGS: readonly (readonly [RegExp, Kind, string])[] = [
  [/Could not resolve hostname/, 'name', "Check the target's host."],
  [/Connection refused/, 'refused', 'Is an SSH server running there?'],
  [
    /timed out|No route to host|Network is unreachable|Host is down/i,
    'timeout',
    'Is the target on, and on this network?',
  ],
  [
    /Too many authentication failures/,
    'authentication',
    'Name one key file for the target, so that not every key is tried, and check its user.',
  ],
  [/UNPROTECTED PRIVATE KEY FILE/, 'configuration', 'Take the rights of others away: chmod 600.'],
  [/Host key verification failed|host key is known for/, 'hostKey', ''],
  [
    /no mutual signature/,
    'authentication',
    'The server takes only RSA keys with SHA-1. Give it another key (ssh-keygen -t ecdsa), or allow it for this host in ~/.ssh/config: PubkeyAcceptedAlgorithms +ssh-rsa',
  ],
  [/Permission denied/, 'authentication', 'The server refused what ssh offered.'],
  [/kex_exchange_identification/, 'protocol', 'Is the port right?'],
  [/Connection (closed|reset)/, 'protocol', 'That was while logging in.'],
  [/Bad configuration option|bad value|extra arguments/i, 'configuration', ''],
];

/** The server's end of a login, before which it may have said why. */
const IS_ANSWER = /Permission denied|Connection (closed|reset)|Received disconnect/;

/** What ssh itself says on the way to that. */
const OWN_WORDS =
  /Permission denied|^(Connection (closed|reset)|Received disconnect|Disconnected from|Warning:|\*\*|Load key|Authenticated )/;

function itSaid(lines: readonly string[]): string {
  const words = new Set(lines.filter((line) => !OWN_WORDS.test(line)));
  const said = plainWords([...words].join(' '));
  return said === '' ? '' : `It said: ${said}`;
}

/** Says why the system's ssh did not log in. @param said its stderr */
export function explainSsh(said: string, config: SshConfig): ConnectError {
  const mismatch = noMatch(said);
  if (mismatch !== undefined) {
    const { text, kind, offer } = mismatch;
    return new ConnectError(
      `${loginName(config)}: ${plainWords(text)}. ${allowing(kind, offer)}`,
      'protocol',
    );
  }
  const changed = changedHostKey(said, config);
  if (changed !== undefined) {
    return changed;
  }
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('Warning: Permanently added'));
  const noLogin = explainNoLogin(loginName(config), lines.join(' '));
  if (noLogin !== undefined) {
    return noLogin;
  }
  for (const [pattern, kind, advice] of MEANINGS) {
    const line = lines.find((each) => pattern.test(each));
    if (line !== undefined) {
      const words = [
        `${withoutEnd(plainWords(line), '.')}.`,
        advice,
        IS_ANSWER.test(line) ? itSaid(lines) : '',
      ];
      return new ConnectError(`${loginName(config)}: ${words.filter((each) => each !== '').join(' ')}`, kind);
    }
  }
  const last = lines.at(-1) ?? 'ssh ended without a word';
  return new ConnectError(`${loginName(config)}: ${plainWords(last)}`, 'protocol');
}

/** "no matching KIND found. Their offer: NAME,NAME". */
function noMatch(said: string): { text: string; kind: string; offer: string } | undefined {
  const [begin, middle] = ['no matching ', ' found. Their offer: '];
  const line = said.split('\n').find((each) => each.includes(begin) && each.includes(middle));
  const text = line?.slice(line.indexOf(begin)) ?? '';
  const end = text.indexOf(middle);
  return end < 0
    ? undefined
    : {
        text: withoutEnd(text, '\r .'),
        kind: text.slice(begin.length, end),
        offer: text.slice(end + middle.length).trim(),
      };
}

/** "Offending TYPE key in FILE:LINE". */
function offendingLine(said: string): { type: string; file: string; line: string } | undefined {
  const found = said.split('\n').find((line) => line.startsWith('Offending ') && line.includes(' key in '));
  const [type, place] = found?.trim().slice('Offending '.length).split(' key in ', 2) ?? [];
  const colon = place?.lastIndexOf(':') ?? -1;
  return type === undefined || place === undefined || colon < 0
    ? undefined
    : { type, file: place.slice(0, colon), line: place.slice(colon + 1) };
}

function changedHostKey(said: string, config: SshConfig): ConnectError | undefined {
  const offending = offendingLine(said);
  if (offending === undefined || !said.includes('HAS CHANGED')) {
    return undefined;
  }
  const { type, file, line } = offending;
  const shown = /fingerprint for the (\S+) key sent by the remote host is\s(SHA256:[\w+/]{43})/.exec(said);
  const { host, port } = knownAs(config);
  const name = knownHostsName(host, port);
  return new ConnectError(
    `${name}: the host key has CHANGED. It shows ${shown?.[1]} ${shown?.[2]}, and ${file}:${line} has another ${type} key. ` +
      `Either the target was installed anew, or someone stands between you and it. ${forgetting(file, name)}`,
    'hostKey',
  );
}
