import type { AskpassQuestion } from './askpass';
import { knownHostsName } from './hostKeys';
import { interactiveQuestion } from './interactiveQuestion';
import type { Patience } from './patience';
import type { Prompts, SecretQuestion } from './prompts';
import { loginName, type SshConfig } from './sshConfig';
import { knownAs } from './verifyHostKey';

interface Asking {
  readonly config: SshConfig;
  readonly prompts: Prompts;
  readonly step: ((text: string) => void) | undefined;
  readonly signal: AbortSignal;
  /** The clock of the login, which stands still while a person is asked. */
  readonly patience: () => Patience | undefined;
  /** A person gave up. */
  readonly refused: (what: string) => void;
  /** What became of the target's own key; that of a host between is ssh's to write. */
  readonly hostKey?: (answer: 'remember' | 'once') => void;
}

/** The texts of OpenSSH's sshconnect.c, sshconnect2.c and readpass.c. */
const HOST_KEY =
  /authenticity of host '(\S+)[^']*' can't be established[^]*?(\S+) key fingerprint is (\S+?)\.?\n/;
const PASSPHRASE = /^Enter passphrase for (?:key )?'?(.*?)'?: ?$/;
const PASSWORD = /^(\S+)'s password: ?$/;
const INTERACTIVE = /^\((\S+?)\) ([^]*)$/;

/** Reads what ssh asks, has a person asked, and gives the answer in the form that ssh wants. */
export function sshQuestions(asking: Asking): (question: AskpassQuestion) => Promise<string | undefined> {
  const attempts = new Map<string, number>();
  const patiently = <T>(question: Promise<T>): Promise<T> =>
    asking.patience()?.whileAsked(question) ?? question;
  const own = `${asking.config.user}@${asking.config.host}`;

  const secret = async (
    question: Omit<SecretQuestion, 'attempt'>,
    signal: AbortSignal,
  ): Promise<string | undefined> => {
    const key = `${question.kind} ${question.subject} ${question.prompt ?? ''}`;
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const answer = await patiently(asking.prompts.secret({ ...question, attempt }, signal));
    if (answer === undefined) {
      asking.refused(
        `${question.subject}: no ${question.kind === 'passphrase' ? 'passphrase' : 'password'} was given.`,
      );
    }
    return answer;
  };
  const subjectOf = (login: string): string => (login === own ? loginName(asking.config) : login);

  const hostKey = async (
    [, host = '', keyType = '', fingerprint = '']: RegExpMatchArray,
    signal: AbortSignal,
  ): Promise<string> => {
    const target = knownAs(asking.config);
    const isOwn = asking.hostKey !== undefined && host === knownHostsName(target.host, target.port);
    const unknown = { host, keyType, fingerprint, ...(isOwn ? {} : { writtenBySsh: true as const }) };
    const answer = await patiently(asking.prompts.confirmHostKey(unknown, signal));
    if (answer === undefined) {
      asking.refused(`${host}: its host key ${keyType} ${fingerprint} was not accepted.`);
      return 'no';
    }
    if (isOwn) {
      asking.hostKey?.(answer);
    }
    return 'yes';
  };

  return async ({ prompt, hint, signal: gone }) => {
    const signal = AbortSignal.any([gone, asking.signal]);
    if (hint === 'none') {
      // "Confirm user presence for key …": answered by a touch, at the end of which ssh ends its asker.
      asking.step?.(prompt.trim());
      await patiently(new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })));
      return undefined;
    }
    const unknownKey = HOST_KEY.exec(prompt);
    if (unknownKey !== null) {
      return hostKey(unknownKey, signal);
    }
    const passphrase = PASSPHRASE.exec(prompt);
    if (passphrase?.[1] !== undefined) {
      return secret({ kind: 'passphrase', subject: passphrase[1] }, signal);
    }
    const password = PASSWORD.exec(prompt);
    if (password?.[1] !== undefined) {
      return secret({ kind: 'password', subject: subjectOf(password[1]) }, signal);
    }
    const [, login = own, text = prompt] = INTERACTIVE.exec(prompt) ?? [];
    return secret({ ...interactiveQuestion(text, false), subject: subjectOf(login) }, signal);
  };
}
