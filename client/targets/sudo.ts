import { askWhile } from './abort';
import { RootRequiredError } from './errors';
import type { Prompts } from './prompts';
import type { CommandOutcome } from './remoteCommand';

const ATTEMPTS = 3;

/** Becomes root on a target through sudo. The password is asked once a connection, and only when sudo wants one. */
export class Sudo {
  #password: string | undefined;

  constructor(
    private readonly prompts: Prompts,
    private readonly user: string,
    /** The login, as a person is asked for its password: "user@host". */
    private readonly subject: string,
  ) {}

  /**
   * @param attempt runs the command under sudo, with the password where one is known. A command that
   *   did not start was not run, so it is safe to try again.
   * @throws RootRequiredError
   */
  async run(
    attempt: (password: string | undefined) => Promise<CommandOutcome>,
    ...signals: (AbortSignal | undefined)[]
  ): Promise<CommandOutcome> {
    for (let asked = 1; ; asked += 1) {
      const outcome = await attempt(this.#password);
      if (outcome.started) {
        return outcome;
      }
      if (!wantsPassword(outcome, this.#password)) {
        throw new RootRequiredError(refusal(outcome, this.user));
      }
      this.#password = undefined;
      if (asked > ATTEMPTS) {
        throw new RootRequiredError(
          `sudo on the target refused the password of ${this.user} ${ATTEMPTS} times.`,
        );
      }
      this.#password = await askWhile(
        (signal) => this.prompts.secret({ kind: 'sudo', subject: this.subject, attempt: asked }, signal),
        ...signals,
      );
      if (this.#password === undefined) {
        throw new RootRequiredError(`Root is needed on the target, and no password was given for sudo.`);
      }
    }
  }

  /** The password that sudo took last. */
  get password(): string | undefined {
    return this.#password;
  }
}

/** Sudo ended before the command ran, and a (better) password would help. */
function wantsPassword({ stderr, asked }: CommandOutcome, given: string | undefined): boolean {
  return given === undefined
    ? /(password|authentication) is required/.test(stderr)
    : asked > 1 || /incorrect (password|authentication)|try again/i.test(stderr);
}

function refusal({ exitCode, stderr }: CommandOutcome, user: string): string {
  const said = stderr.trim();
  if (exitCode === 127) {
    return 'Root is needed, and the target has no sudo. Log in as root, or install sudo there.';
  }
  if (/not in the sudoers|not allowed to|may not run/.test(said)) {
    return `${user} may not become root through sudo on the target (${said}). Log in as root, or let sudoers(5) allow it.`;
  }
  if (/must have a tty|requiretty/.test(said)) {
    return `sudo on the target wants a terminal. Add "Defaults:${user} !requiretty" to its sudoers(5), or log in as root.`;
  }
  return `sudo on the target did not make ${user} root: ${said === '' ? `exit code ${exitCode}` : said}`;
}
