import type { AskpassQuestion } from './askpass';
import { knownHostsName } from './hostKeys';
import { interactiveQuestion } from './interactiveQuestion';
import type { Patience } from './patience';
import type { Prompts, SecretQuestion } from './prompts';
import { loginName, type SshConfig } from './sshConfig';
import type { SshParties } from './sshParties';
import { knownAs } from './verifyHostKey';

interface Asking {
  readonly config: SshConfig;
  readonly parties: SshParties;
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

type Question = Omit<SecretQuestion, 'attempt'>;

interface HostKey {
  readonly host: string;
  readonly keyType: string;
  readonly fingerprint: string;
}

/** Reads what ssh asks, has a person asked, and gives the answer in the form that ssh wants. */
export function sshQuestions(asking: Asking): (question: AskpassQuestion) => Promise<string | undefined> {
  const attempts = new Map<string, number>();
  const patiently = <T>(question: Promise<T>): Promise<T> =>
    asking.patience()?.whileAsked(question) ?? question;

  const secret = async (question: Question, signal: AbortSignal): Promise<string | undefined> => {
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

  const hostKey = async ({ host, keyType, fingerprint }: HostKey, signal: AbortSignal): Promise<string> => {
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
    const unknownKey = asking.parties.unmarked === 'ssh' ? hostKeyOf(prompt) : undefined;
    return unknownKey === undefined
      ? secret(secretOf(prompt, asking.parties, loginName(asking.config)), signal)
      : hostKey(unknownKey, signal);
  };
}

/**
 * What is asked for. Only "password" and "passphrase" are answered from memory, so they are what is asked where it is
 * certain who gets the answer; a person reads all else, and answers it.
 * @param own the target's login
 */
function secretOf(prompt: string, parties: SshParties, own: string): Question {
  const { logins, keyFiles, unmarked, alone } = parties;
  for (const [name, subject] of logins) {
    const mark = `(${name}) `;
    if (unmarked === 'ssh' && prompt.startsWith(mark)) {
      return { ...interactiveQuestion(prompt.slice(mark.length), false), subject };
    }
    if (prompt === `${name}'s password: ` && (unmarked === 'ssh' || alone)) {
      return { kind: 'password', subject };
    }
  }
  const files = unmarked === 'ssh' ? keyFiles.filter((file) => prompt === passphraseQuestion(file)) : [];
  const [file] = files;
  return file !== undefined && files.length === 1
    ? { kind: 'passphrase', subject: file }
    : { ...interactiveQuestion(prompt, false), kind: 'keyboard-interactive', subject: own };
}

/** Bytes of a path that ssh shows (load_identity_file() of its sshconnect2.c). */
const SHOWN_BYTES = 100;

const passphraseQuestion = (file: string): string =>
  `Enter passphrase for key '${Buffer.from(file).subarray(0, SHOWN_BYTES).toString()}': `;

/** The question of check_host_key() in OpenSSH's sshconnect.c; undefined: it is another one. */
function hostKeyOf(prompt: string): HostKey | undefined {
  const begin = "The authenticity of host '";
  const lines = prompt.split('\n');
  const [first = ''] = lines;
  const shown = lines.find((line) => line.includes(' key fingerprint is '));
  const [keyType, fingerprint] = shown?.split(' key fingerprint is ', 2) ?? [];
  if (!first.startsWith(begin) || keyType === undefined || fingerprint === undefined) {
    return undefined;
  }
  const host = first.slice(begin.length).split(/[ ']/, 1)[0] ?? '';
  return { host, keyType, fingerprint: fingerprint.endsWith('.') ? fingerprint.slice(0, -1) : fingerprint };
}
