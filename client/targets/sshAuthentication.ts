import { runProgram } from '../../engine/base/startProgram';
import { ConnectError } from './errors';
import { interactiveQuestion } from './interactiveQuestion';
import type { Prompts, SecretQuestion } from './prompts';
import { loginName, type SshConfig } from './sshConfig';
import type { Identity } from './sshKeys';
import { SystemSshRequired } from './systemSshReason';

/** What a server asks and tells at once (RFC 4256, 3.2). */
export interface InteractiveRequest {
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly prompt: string; readonly echo?: boolean }[];
}

/** What to try next. */
export type AuthenticationStep =
  | { readonly type: 'none' }
  | { readonly type: 'key'; readonly identity: Identity }
  | {
      readonly type: 'keyboard-interactive';
      readonly answer: (request: InteractiveRequest) => Promise<string[]>;
    }
  | { readonly type: 'password'; readonly password: string };

/** Chooses the ways to log in, in OpenSSH's order: keys, keyboard-interactive, password. */
export class Authentication {
  readonly #tried: string[] = [];
  readonly #notes: string[] = [];
  #offered: readonly string[] = [];
  /** Those that were not offered yet; undefined before the first is. */
  #identities: Identity[] | undefined;
  /** Attempts for which a person was asked. */
  #questions = 0;
  /** A server may offer keyboard-interactive and then ask nothing. */
  #interactiveIsIdle = false;

  readonly #subject: string;

  constructor(
    private readonly config: SshConfig,
    private readonly identities: () => Promise<readonly Identity[]>,
    private readonly ask: Prompts['secret'],
    private readonly signal: AbortSignal,
  ) {
    this.#subject = loginName(config);
  }

  /**
   * @param serverOffers what the server can go on with; undefined before it told
   * @param partial the last way was good, and the server wants another one too
   * @returns undefined when nothing is left
   * @throws ConnectError when a person gave up; SystemSshRequired when ssh itself can go on without a question
   */
  async next(
    serverOffers: readonly string[] | undefined,
    partial = false,
  ): Promise<AuthenticationStep | undefined> {
    if (serverOffers === undefined) {
      return { type: 'none' };
    }
    this.#offered = serverOffers;
    if (partial) {
      this.#questions = 0;
      this.#interactiveIsIdle = false;
    }
    const offered = serverOffers.filter((method) => !this.config.refusedMethods.includes(method));
    if (offered.includes('publickey')) {
      this.#identities ??= [...(await this.identities())];
      const identity = this.#identities.shift();
      if (identity !== undefined) {
        this.#tried.push(`key ${identity.origin}`);
        return { type: 'key', identity };
      }
    }
    if (this.#questions === 0) {
      await this.#leaveToSsh(offered);
    }
    if (this.#questions >= this.config.passwordPrompts) {
      return undefined;
    }
    if (offered.includes('keyboard-interactive') && !this.#interactiveIsIdle) {
      this.#interactiveIsIdle = true;
      let asked = false;
      return {
        type: 'keyboard-interactive',
        answer: (request) => {
          // A second request is no refusal of the first: it asks for a code, or for a new password.
          if (!asked && request.prompts.length > 0) {
            asked = true;
            this.#interactiveIsIdle = false;
            this.#tried.push('keyboard-interactive');
            this.#questions += 1;
          }
          return this.#answer(request);
        },
      };
    }
    if (offered.includes('password')) {
      this.#tried.push('password');
      this.#questions += 1;
      return { type: 'password', password: await this.#secret({ kind: 'password' }) };
    }
    return undefined;
  }

  async #leaveToSsh(offered: readonly string[]): Promise<void> {
    if (this.config.hostbased && offered.includes('hostbased')) {
      throw new SystemSshRequired('HostbasedAuthentication', this.failure());
    }
    if (this.config.gssapi && offered.includes('gssapi-with-mic') && (await hasKerberosTicket())) {
      throw new SystemSshRequired('GSSAPIAuthentication', this.failure());
    }
  }

  /** What else a person has to know where the login fails. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** Why nobody is logged in. @param said what the server said to what was tried */
  failure(said = ''): ConnectError {
    const counted = [...new Set(this.#tried)].map((what) => {
      const times = this.#tried.filter((other) => other === what).length;
      return times > 1 ? `${what} (${times} times)` : what;
    });
    const tried = counted.length === 0 ? 'there was nothing to offer' : `tried ${counted.join(', ')}`;
    const onlyKeys = this.#offered.length > 0 && this.#offered.every((method) => method === 'publickey');
    return new ConnectError(
      `${this.#subject}: the login was refused; ${tried}. The server accepts: ${this.#offered.join(', ')}.${this.#switchedOff()}` +
        (said === '' ? '' : ` It said: ${said}`) +
        (onlyKeys
          ? ' Put your public key into ~/.ssh/authorized_keys there, or name another key file for the target.'
          : '') +
        this.#notes.map((note) => ` Note: ${note}.`).join(''),
      'authentication',
    );
  }

  #switchedOff(): string {
    const off = this.#offered.filter((method) => this.config.refusedMethods.includes(method));
    return off.length === 0 ? '' : ` Your ssh_config switches ${off.join(' and ')} off.`;
  }

  async #answer({ name, instructions, prompts }: InteractiveRequest): Promise<string[]> {
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      answers.push(await this.#secret(interactiveQuestion(prompt, echo === true, name, instructions)));
    }
    return answers;
  }

  async #secret(question: Omit<SecretQuestion, 'subject' | 'attempt'>): Promise<string> {
    const answer = await this.ask(
      { ...question, subject: this.#subject, attempt: this.#questions },
      this.signal,
    );
    if (answer === undefined) {
      throw new ConnectError(`${this.#subject}: no password was given.`, 'authentication');
    }
    return answer;
  }
}

/** Whether a ticket is at hand that ssh could show (klist -s). */
function hasKerberosTicket(): Promise<boolean> {
  return runProgram('klist', ['-s'], { timeout: 5_000 }).then(
    () => true,
    () => false,
  );
}
