import { execFile } from 'node:child_process';
import { ConnectError } from './errors';
import type { Prompts } from './prompts';
import { loginName, type SshConfig } from './sshConfig';
import type { Identity } from './sshKeys';
import { SystemSshRequired } from './systemSshReason';

/** One question of keyboard-interactive (RFC 4256, 3.2). */
export interface InteractivePrompt {
  readonly prompt: string;
  readonly echo?: boolean;
}

/** What to try next. */
export type AuthenticationStep =
  | { readonly type: 'none' }
  | { readonly type: 'key'; readonly identity: Identity }
  | {
      readonly type: 'keyboard-interactive';
      readonly answer: (prompts: readonly InteractivePrompt[]) => Promise<string[]>;
    }
  | { readonly type: 'password'; readonly password: string };

/** Refused passwords before it is given up, over both ways of giving one. */
const ATTEMPTS = 3;

/** Chooses the ways to log in, in OpenSSH's order: keys, keyboard-interactive, password. */
export class Authentication {
  readonly #tried: string[] = [];
  readonly #notes: string[] = [];
  #offered: readonly string[] = [];
  /** Those that were not offered yet; undefined before the first is. */
  #identities: Identity[] | undefined;
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
    if (this.#questions >= ATTEMPTS) {
      return undefined;
    }
    if (offered.includes('keyboard-interactive') && !this.#interactiveIsIdle) {
      this.#interactiveIsIdle = true;
      return { type: 'keyboard-interactive', answer: (prompts) => this.#answer(prompts) };
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

  /** Why nobody is logged in. */
  failure(): ConnectError {
    const counted = [...new Set(this.#tried)].map((what) => {
      const times = this.#tried.filter((other) => other === what).length;
      return times > 1 ? `${what} (${times} times)` : what;
    });
    const tried = counted.length === 0 ? 'there was nothing to offer' : `tried ${counted.join(', ')}`;
    const onlyKeys = this.#offered.length > 0 && this.#offered.every((method) => method === 'publickey');
    return new ConnectError(
      `${this.#subject}: the login was refused; ${tried}. The server accepts: ${this.#offered.join(', ')}.${this.#switchedOff()}` +
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

  async #answer(prompts: readonly InteractivePrompt[]): Promise<string[]> {
    const answers: string[] = [];
    if (prompts.length > 0) {
      this.#interactiveIsIdle = false;
      this.#tried.push('keyboard-interactive');
      this.#questions += 1;
    }
    for (const { prompt, echo } of prompts) {
      // PAM asks for the password in this way too: it is the same secret, and remembered as that.
      const kind =
        prompts.length === 1 && echo !== true && /password/i.test(prompt)
          ? 'password'
          : 'keyboard-interactive';
      answers.push(await this.#secret({ kind, prompt, echo: echo === true }));
    }
    return answers;
  }

  async #secret(question: {
    kind: 'password' | 'keyboard-interactive';
    prompt?: string;
    echo?: boolean;
  }): Promise<string> {
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
  return new Promise((resolve) => {
    execFile('klist', ['-s'], { timeout: 5_000 }, (error) => resolve(error === null));
  });
}
