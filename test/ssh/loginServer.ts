import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ConnectError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import {
  authorize,
  Cleanup,
  makeKey,
  makeUser,
  startSshd,
  temporaryDirectory,
  type TestServer,
  type TestUser,
} from './machine';
import { connectFailure, openTarget, worksAs, type Opening } from './opening';

/** What is there once the tests begin. */
interface LoginServer {
  directory: string;
  user: TestUser;
  /** The private key with which the user logs in. */
  login: string;
  host: string;
  rsaHost: string;
  server: TestServer;
}

/** An sshd with two host keys and a user who logs in with a key, for the tests of a file. */
export function useLoginServer({
  loginType,
  settings = [],
  opening = {},
}: {
  /** Of the user's key. */
  readonly loginType?: string;
  /** The server's. */
  readonly settings?: readonly string[];
  /** How a target is opened, unless a test says otherwise. */
  readonly opening?: Partial<Opening>;
} = {}) {
  const cleanup = new Cleanup();
  const perTest = new Cleanup();
  const here = {} as LoginServer;
  beforeAll(async () => {
    const directory = temporaryDirectory(cleanup);
    const [host, rsaHost] = [makeKey(directory, 'host'), makeKey(directory, 'host_rsa', 'rsa')];
    Object.assign(here, {
      directory,
      user: makeUser(cleanup),
      login: makeKey(directory, 'login', loginType),
      host,
      rsaHost,
    });
    authorize(here.user, `${here.login}.pub`);
    here.server = await startSshd(cleanup, { hostKeys: [host, rsaHost], settings });
  });
  afterEach(() => perTest.run());
  afterAll(() => cleanup.run());

  const knownHostsWith = (name: string, ...lines: string[]): string => {
    const file = join(here.directory, name);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  };
  /** A key as a line of known_hosts tells it. */
  const publicText = (key: string): string =>
    readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  /** A line of known_hosts for the server, or another one of loopback. */
  const line = (key: string, port = here.server.port): string => `[127.0.0.1]:${port} ${publicText(key)}`;
  const open = (options: Partial<Opening> = {}): Promise<Target> =>
    openTarget(perTest, {
      port: here.server.port,
      user: here.user.name,
      identityFile: here.login,
      knownHosts: knownHostsWith('trusted', line(here.host)),
      ...opening,
      ...options,
    });
  const failure = (options: Partial<Opening>): Promise<ConnectError> => connectFailure(open(options));
  const works = (target: Target): Promise<void> => worksAs(target, here.user.name);
  return { cleanup, perTest, here, knownHostsWith, publicText, line, open, failure, works };
}
