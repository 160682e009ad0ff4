import type { SecretQuestion } from './prompts';

/** The last line of what PAM, ssh and others ask for the password of a login; not for a new one, nor for one of a time. */
const PASSWORD = /^\s*(?:\S+'s )?password(?: for [^:]+)?: *$/i;

/**
 * What keyboard-interactive asks (RFC 4256), for a person. Most servers ask for the password in this way too: it is
 * the same secret, and remembered as that.
 * @param said what the server told with it: the request's name and instruction
 */
export function interactiveQuestion(
  asked: string,
  echo: boolean,
  ...said: readonly string[]
): Pick<SecretQuestion, 'kind' | 'prompt' | 'echo' | 'said'> {
  const lines = asked.trimEnd().split('\n');
  const prompt = (lines.pop() ?? '').trim();
  // PAM's messages come as lines before the question.
  const told = [...said, ...lines].map((text) => text.trim()).filter((text) => text !== '');
  return {
    kind: !echo && PASSWORD.test(prompt) ? 'password' : 'keyboard-interactive',
    prompt,
    echo,
    ...(told.length === 0 ? {} : { said: told.join(' ') }),
  };
}
