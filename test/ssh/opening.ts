import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SshTargetDefinition } from '../../client/targets/definition';
import { ConnectError } from '../../client/targets/errors';
import type { Log } from '../../client/targets/log';
import type { Prompts, SecretQuestion, UnknownHostKey } from '../../client/targets/prompts';
import { parseSshConfig, type SshConfig } from '../../client/targets/sshConfig';
import { openSshTarget, type SshOptions } from '../../client/targets/sshTarget';
import type { Target } from '../../client/targets/target';
import { temporaryDirectory, type Cleanup } from './machine';

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
  readonly identityFile?: string | undefined;
  readonly knownHosts: string;
  readonly config?: Partial<SshConfig>;
  readonly ephemeralHostKey?: boolean;
  /** Lines of an ssh_config that is read instead of `config`. */
  readonly configLines?: readonly string[];
}

/** Opens a target on loopback; nothing of this machine's own SSH configuration takes part. */
export async function openTarget(
  cleanup: Cleanup,
  {
    host = '127.0.0.1',
    port,
    user,
    identityFile,
    ephemeralHostKey,
    knownHosts,
    config,
    configLines,
    ...options
  }: Opening,
): Promise<Target> {
  const definition: SshTargetDefinition = {
    kind: 'ssh',
    name: 'board',
    host,
    port,
    user,
    ...(identityFile === undefined ? {} : { identityFile }),
    ...(ephemeralHostKey === undefined ? {} : { ephemeralHostKey }),
  };
  const own = [
    `UserKnownHostsFile ${knownHosts}`,
    'GlobalKnownHostsFile none',
    'IdentityAgent none',
    'HashKnownHosts no',
  ];
  const how =
    configLines === undefined
      ? {
          config: {
            ...parseSshConfig('', definition, '/nonexistent'),
            identityAgent: undefined,
            userKnownHostsFiles: [knownHosts],
            globalKnownHostsFiles: [],
            ...config,
          },
        }
      : { configFile: writeConfig(cleanup, [...configLines, ...own]) };
  const prompts = new Person({ hostKey: 'once' });
  const target = await openSshTarget(definition, { prompts, ...options, ...how });
  cleanup.add(() => target.dispose());
  return target;
}

/** What ssh2 does not have: the system's ssh is taken. */
export const FOR_SSH_ITSELF = ['KexAlgorithms sntrup761x25519-sha512@openssh.com'];

function writeConfig(cleanup: Cleanup, lines: readonly string[]): string {
  const file = join(temporaryDirectory(cleanup), 'config');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** Why a target was not opened. */
export async function connectFailure(opening: Promise<Target>): Promise<ConnectError> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConnectError);
  return error as ConnectError;
}

/** Runs a command there, as this user. */
export async function worksAs(target: Target, user: string): Promise<void> {
  expect((await target.run(['id', '-un'])).stdout.toString().trim()).toBe(user);
}
