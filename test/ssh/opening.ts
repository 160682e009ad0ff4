import type { SshTargetDefinition } from '../../client/targets/definition';
import type { Log } from '../../client/targets/log';
import type { Prompts, SecretQuestion, UnknownHostKey } from '../../client/targets/prompts';
import { parseSshConfig, type SshConfig } from '../../client/targets/sshConfig';
import { openSshTarget, type SshOptions } from '../../client/targets/sshTarget';
import type { Target } from '../../client/targets/target';
import type { Cleanup } from './machine';

/** A person who answers as told, and remembers what was asked. */
export class Person implements Prompts {
  readonly keys: UnknownHostKey[] = [];
  readonly questions: SecretQuestion[] = [];

  constructor(
    private readonly answers: {
      readonly hostKey?: 'remember' | 'once';
      /** One for each question; undefined once they are used up. */
      readonly secrets?: readonly string[];
    } = {},
  ) {}

  confirmHostKey(key: UnknownHostKey): Promise<'remember' | 'once' | undefined> {
    this.keys.push(key);
    return Promise.resolve(this.answers.hostKey);
  }

  secret(question: SecretQuestion): Promise<string | undefined> {
    this.questions.push(question);
    return Promise.resolve(this.answers.secrets?.[this.questions.length - 1]);
  }
}

/** Lines of a connection's log. */
export class Lines {
  readonly lines: string[] = [];
  readonly log: Log = (_level, message) => this.lines.push(message);

  get text(): string {
    return this.lines.join('\n');
  }
}

export interface Opening extends Partial<Omit<SshOptions, 'config'>> {
  /** Loopback unless told. */
  readonly host?: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile?: string;
  readonly knownHosts: string;
  readonly config?: Partial<SshConfig>;
}

/** Opens a target on loopback; nothing of this machine's own SSH configuration takes part. */
export async function openTarget(
  cleanup: Cleanup,
  { host = '127.0.0.1', port, user, identityFile, knownHosts, config, ...options }: Opening,
): Promise<Target> {
  const definition: SshTargetDefinition = {
    kind: 'ssh',
    name: 'board',
    host,
    port,
    user,
    ...(identityFile === undefined ? {} : { identityFile }),
  };
  const target = await openSshTarget(definition, {
    prompts: new Person({ hostKey: 'once' }),
    ...options,
    config: {
      ...parseSshConfig('', definition, '/nonexistent'),
      identityAgent: undefined,
      userKnownHostsFiles: [knownHosts],
      globalKnownHostsFiles: [],
      ...config,
    },
  });
  cleanup.add(() => target.dispose());
  return target;
}
