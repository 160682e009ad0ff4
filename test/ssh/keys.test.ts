import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectError } from '../../client/targets/errors';
import type { Target } from '../../client/targets/target';
import {
  authorize,
  Cleanup,
  makeKey,
  makeUser,
  runAsRoot,
  startAgent,
  startSshd,
  temporaryDirectory,
  type TestServer,
  type TestUser,
} from './machine';
import { connectFailure, type Opening, openTarget, Person, worksAs } from './opening';

const cleanup = new Cleanup();
let directory: string;
let user: TestUser;
let server: TestServer;

beforeAll(async () => {
  directory = temporaryDirectory(cleanup);
  user = makeUser(cleanup);
  server = await startSshd(cleanup, {
    hostKeys: [makeKey(directory, 'host')],
    settings: ['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
  });
});
afterAll(() => cleanup.run());

const PASSPHRASE = 'correct horse';

/** A key that the server takes, as ssh-keygen writes it with these options. */
function key(name: string, passphrase: string, ...options: readonly string[]): string {
  const file = join(directory, name);
  execFileSync('ssh-keygen', ['-q', ...options, '-N', passphrase, '-f', file]);
  authorize(user, `${file}.pub`);
  return file;
}

const open = (identityFile: string | undefined, options: Partial<Opening> = {}): Promise<Target> =>
  openTarget(cleanup, {
    port: server.port,
    user: user.name,
    identityFile,
    knownHosts: join(directory, 'known_hosts'),
    configLines: [],
    prompts: new Person({ hostKey: 'once', secrets: [PASSPHRASE] }),
    ...options,
  });
const failure = (identityFile: string, options: Partial<Opening> = {}): Promise<ConnectError> =>
  connectFailure(open(identityFile, options));

const TYPES = [
  ['-t', 'rsa'],
  ['-t', 'ecdsa', '-b', '256'],
  ['-t', 'ecdsa', '-b', '384'],
  ['-t', 'ecdsa', '-b', '521'],
  ['-t', 'ed25519'],
] as const;
const FORMATS = ['RFC4716', 'PEM', 'PKCS8'] as const;

it.each(TYPES.flatMap((type) => FORMATS.map((format) => ({ type: type.join(' '), format }))))(
  'a key of $type in the format $format is used, with a passphrase and without',
  async ({ type, format }) => {
    for (const passphrase of ['', PASSPHRASE]) {
      const name = `${type}-${format}-${passphrase.length}`.replaceAll(' ', '');
      const target = await open(key(name, passphrase, ...type.split(' '), '-m', format));
      await worksAs(target, user.name);
      expect(target.via).toBeUndefined();
    }
  },
);

it.each(['aes128-cbc', 'aes256-ctr', 'aes256-gcm@openssh.com', '3des-cbc'])(
  'a key that is encrypted with %s is used',
  async (cipher) => {
    const target = await open(key(`cipher-${cipher}`, PASSPHRASE, '-t', 'ed25519', '-Z', cipher));
    expect(target.via).toBeUndefined();
  },
);

it('a key that is encrypted with what ssh2 does not know is used by ssh itself', async () => {
  const file = key('chacha', PASSPHRASE, '-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com');
  const target = await open(file);
  await worksAs(target, user.name);
  expect(target.via).toBe(`the system's ssh, for the cipher of ${file}`);
});

it('a key of PKCS #8 without its public half asks for its passphrase until it is right', async () => {
  const file = key('pkcs8-alone', PASSPHRASE, '-t', 'rsa', '-m', 'PKCS8');
  runAsRoot(['rm', `${file}.pub`]);
  const prompts = new Person({ hostKey: 'once', secrets: ['wrong', PASSPHRASE] });
  await worksAs(await open(file, { prompts }), user.name);
  expect(prompts.questions.map(({ kind, attempt }) => [kind, attempt])).toEqual([
    ['passphrase', 1],
    ['passphrase', 2],
  ]);
});

it.each(['RFC4716', 'PKCS8'])(
  'a passphrase that is wrong three times is told as that (%s)',
  async (format) => {
    const file = key(`wrong-${format}`, PASSPHRASE, '-t', 'rsa', '-m', format);
    const prompts = new Person({ hostKey: 'once', secrets: ['a', 'b', 'c', PASSPHRASE] });
    const error = await failure(file, { prompts });
    expect(prompts.questions).toHaveLength(3);
    expect(error.message).toContain(`the passphrase of ${file} was wrong 3 times`);
  },
);

it("a key of dropbear's or of PuTTY's is told with what makes one of OpenSSH's of it", async () => {
  const dropbear = join(directory, 'id_dropbear');
  execFileSync('dropbearkey', ['-t', 'ed25519', '-f', dropbear], { stdio: 'ignore' });
  expect((await failure(dropbear)).message).toContain(
    `It is dropbear's: dropbearconvert dropbear openssh ${dropbear} ${dropbear}.openssh`,
  );
  const putty = join(directory, 'board.ppk');
  writeFileSync(putty, 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', { mode: 0o600 });
  expect((await failure(putty)).message).toContain(`It is PuTTY's: puttygen ${putty} -O private-openssh`);
});

it('of an agent with many keys the server may tire, and that is told with the way out', async () => {
  const agent = startAgent(cleanup);
  const env = { ...process.env, SSH_AUTH_SOCK: agent };
  const files = Array.from({ length: 8 }, (_, index) => makeKey(directory, `many${index}`));
  execFileSync('ssh-add', ['-q', ...files], { env, stdio: 'ignore' });
  const last = files.at(-1) ?? '';
  authorize(user, `${last}.pub`);
  const openWith = (identityFile: string | undefined): Promise<Target> =>
    openTarget(cleanup, {
      port: server.port,
      user: user.name,
      identityFile,
      knownHosts: join(directory, 'known_hosts'),
      config: {
        identityAgent: agent,
        ...(identityFile === undefined ? { identityFiles: [], identitiesOnly: false } : {}),
      },
    });
  const error = await connectFailure(openWith(undefined));
  expect(error.message).toMatch(/Too many authentication failures\. Name one key file for the target/);
  await worksAs(await openWith(last), user.name);
});
