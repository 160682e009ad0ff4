import { askWhile } from './abort';
import { RootRequiredError } from './errors';
import type { Prompts, SecretQuestion } from './prompts';
import type { CommandOutcome, CommandRequest } from './remoteCommand';
import type { RootWay } from './rootWays';
import { plainWords } from './sshFailure';

const ATTEMPTS = 3;

type Questions = NonNullable<CommandRequest['questions']>;

/** How a command is tried. */
export interface RootAttempt {
  readonly way: RootWay;
  /** One for each question, in their order. Empty: the way is told not to ask, if it can be. */
  readonly answers: readonly string[];
  readonly terminal: boolean;
}

/**
 * Becomes root on a target: through sudo, doas or su, whichever lets this login. A person is asked once a
 * connection, and only when an answer is wanted; a way that has refused is not tried again on it.
 */
export class BecomeRoot {
  #answers: string[] = [];
  #wantsTerminal = false;
  /** The first of the ways that are left. */
  #next = 0;
  readonly #refusals: string[] = [];

  constructor(
    private readonly ways: readonly RootWay[],
    private readonly prompts: Prompts,
    private readonly user: string,
    /** As a person is asked for its password: "user@host". */
    private readonly subject: string,
  ) {}

  /**
   * @param attempt a command that did not start was not run, so it is safe to try again
   * @throws RootRequiredError
   */
  async run(
    attempt: (how: RootAttempt) => Promise<CommandOutcome>,
    ...signals: (AbortSignal | undefined)[]
  ): Promise<CommandOutcome> {
    for (; ; this.#next += 1) {
      const way = this.ways[this.#next];
      if (way === undefined) {
        throw new RootRequiredError(this.#nothingLeft());
      }
      const outcome = await this.#through(way, attempt, signals);
      if (typeof outcome !== 'string') {
        return outcome;
      }
      this.#refusals.push(outcome);
      this.#answers = [];
      this.#wantsTerminal = false;
    }
  }

  /** Why root can not be had in this way, when it can not. */
  async #through(
    way: RootWay,
    attempt: (how: RootAttempt) => Promise<CommandOutcome>,
    signals: readonly (AbortSignal | undefined)[],
  ): Promise<CommandOutcome | string> {
    for (let refused = 0; ;) {
      if (way === 'su' && this.#answers.length === 0) {
        this.#answers.push(await this.#ask(way, refused + 1, undefined, signals));
      }
      const answers = [...this.#answers];
      // sudo reads stdin; the others ask a terminal, also when they have nothing to ask.
      const terminal = this.#wantsTerminal || (way !== 'sudo' && answers.length > 0);
      const outcome = await attempt({ way, answers, terminal });
      if (outcome.started) {
        return outcome;
      }
      const { stderr, unanswered } = outcome;
      if (way === 'sudo' && !this.#wantsTerminal && /must have a tty|requiretty/.test(stderr)) {
        this.#wantsTerminal = true;
      } else if (unanswered !== undefined || (answers.length === 0 && WANTS_PASSWORD.test(stderr))) {
        const prompt = answers.length === 0 ? undefined : asPeopleRead(way, unanswered);
        this.#answers.push(await this.#ask(way, refused + 1, prompt, signals));
      } else if (answers.length > 0 && REFUSED.test(stderr)) {
        refused += 1;
        this.#answers = [];
        if (refused >= ATTEMPTS) {
          const whose = way === 'su' ? 'root' : this.user;
          throw new RootRequiredError(
            `${way} on the target refused the password of ${whose} ${ATTEMPTS} times.`,
          );
        }
        this.#answers.push(await this.#ask(way, refused + 1, undefined, signals));
      } else {
        return refusal(way, outcome, this.user);
      }
    }
  }

  async #ask(
    way: RootWay,
    attempt: number,
    prompt: string | undefined,
    signals: readonly (AbortSignal | undefined)[],
  ): Promise<string> {
    const subject = way === 'su' ? this.subject.replace(/^[^@]*@/, 'root@') : this.subject;
    const question: SecretQuestion =
      prompt === undefined
        ? { kind: way, subject, attempt }
        : { kind: 'keyboard-interactive', subject, attempt: 1, prompt };
    const answer = await askWhile((signal) => this.prompts.secret(question, signal), ...signals);
    if (answer === undefined) {
      const before = this.#refusals.map((text) => `${text} `).join('');
      throw new RootRequiredError(
        `${before}Root is needed on the target, and no password was given for ${way}.`,
      );
    }
    return answer;
  }

  #nothingLeft(): string {
    return this.#refusals.length === 0
      ? 'Root is needed, and the target has no sudo, no doas and no su. Log in as root, or install one of them there.'
      : `${this.#refusals.join(' ')} Log in as root, or let its administrator allow it.`;
  }
}

const WANTS_PASSWORD = /(password|authentication) is required|Authentication required|a tty is required/i;

/** A (better) password would help. */
const REFUSED =
  /incorrect (password|authentication)|try again|Authentication (failed|failure|token)|incorrect password|Sorry/i;

/** What sudo is told to ask with, wherever a module of PAM wants a password. */
const OWN_QUESTION = /kmod-[0-9a-f]+\?/g;

/** A question after the first. */
const asPeopleRead = (way: RootWay, question: string | undefined): string | undefined =>
  question?.replaceAll(OWN_QUESTION, `${way} wants one more password.`);

/** Characters of a line: no question is longer. */
const LONGEST_QUESTION = 200;

const SECRET = /password|passphrase|passcode|code|token|otp|pin/i;

/** sudo's own question, or those of another module that looks at who it is: "Verification code: ". */
export const ROOT_QUESTIONS = (own: string): Pick<Questions, 'askedBy' | 'refused'> => ({
  askedBy: (text) => {
    if (text.endsWith(own)) {
      return own;
    }
    const line =
      text
        .slice(-LONGEST_QUESTION)
        .split(/[\r\n]/)
        .at(-1) ?? '';
    const isQuestion = line.endsWith(':') || line.endsWith(': ');
    return isQuestion && SECRET.test(line) ? line : undefined;
  },
  refused: REFUSED,
});

function refusal(way: RootWay, { exitCode, stderr }: CommandOutcome, user: string): string {
  // Without our own question before it.
  const said = plainWords(stderr.replaceAll(OWN_QUESTION, ''));
  if (/not in the sudoers|not allowed to|may not run|Operation not permitted|is not enabled/.test(said)) {
    return `${user} may not become root through ${way} on the target (${said}).`;
  }
  return `${way} on the target did not make ${user} root: ${said === '' ? `exit code ${exitCode}` : said}.`;
}
