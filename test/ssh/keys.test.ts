import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useLoginServer } from './loginServer';
import { authorize, makeKey, runAsRoot, startAgent } from './machine';
import { Person, type Opening } from './opening';

const { perTest, here, open, failure, works } = useLoginServer({
  settings: ['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
});

const PASSPHRASE = 'correct horse';

/** How a target is opened with a key of that passphrase. */
const withKey = (identityFile: string): Partial<Opening> => ({
  identityFile,
  configLines: [],
  prompts: new Person({ secrets: [PASSPHRASE] }),
});

/** A key that the server takes, as ssh-keygen writes it with these options. */
function key(name: string, passphrase: string, ...options: readonly string[]): string {
  const file = join(here.directory, name);
  execFileSync('ssh-keygen', ['-q', ...options, '-N', passphrase, '-f', file]);
  authorize(here.user, `${file}.pub`);
  return file;
}

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
      const target = await open(withKey(key(name, passphrase, ...type.split(' '), '-m', format)));
      await works(target);
      expect(target.via).toBeUndefined();
    }
  },
);

it.each(['aes128-cbc', 'aes256-ctr', 'aes256-gcm@openssh.com', '3des-cbc'])(
  'a key that is encrypted with %s is used',
  async (cipher) => {
    const target = await open(withKey(key(`cipher-${cipher}`, PASSPHRASE, '-t', 'ed25519', '-Z', cipher)));
    expect(target.via).toBeUndefined();
  },
);

it('a key that is encrypted with what ssh2 does not know is used by ssh itself', async () => {
  const file = key('chacha', PASSPHRASE, '-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com');
  const target = await open(withKey(file));
  await works(target);
  expect(target.via).toBe(`the system's ssh, for the cipher of ${file}`);
});

it('a key of PKCS #8 without its public half asks for its passphrase until it is right', async () => {
  const file = key('pkcs8-alone', PASSPHRASE, '-t', 'rsa', '-m', 'PKCS8');
  runAsRoot(['rm', `${file}.pub`]);
  const prompts = new Person({ secrets: ['wrong', PASSPHRASE] });
  await works(await open({ ...withKey(file), prompts }));
  expect(prompts.questions.map(({ kind, attempt }) => [kind, attempt])).toEqual([
    ['passphrase', 1],
    ['passphrase', 2],
  ]);
});

it.each(['RFC4716', 'PKCS8'])(
  'a passphrase that is wrong three times is told as that (%s)',
  async (format) => {
    const file = key(`wrong-${format}`, PASSPHRASE, '-t', 'rsa', '-m', format);
    const prompts = new Person({ secrets: ['a', 'b', 'c', PASSPHRASE] });
    const error = await failure({ ...withKey(file), prompts });
    expect(prompts.questions).toHaveLength(3);
    expect(error.message).toContain(`the passphrase of ${file} was wrong 3 times`);
  },
);

it("a key of dropbear's or of PuTTY's is told with what makes one of OpenSSH's of it", async () => {
  const dropbear = join(here.directory, 'id_dropbear');
  execFileSync('dropbearkey', ['-t', 'ed25519', '-f', dropbear], { stdio: 'ignore' });
  expect((await failure(withKey(dropbear))).message).toContain(
    `It is dropbear's: dropbearconvert dropbear openssh ${dropbear} ${dropbear}.openssh`,
  );
  const putty = join(here.directory, 'board.ppk');
  writeFileSync(putty, 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', { mode: 0o600 });
  expect((await failure(withKey(putty))).message).toContain(
    `It is PuTTY's: puttygen ${putty} -O private-openssh`,
  );
});

it('of an agent with many keys the server may tire, and that is told with the way out', async () => {
  const agent = startAgent(perTest);
  const env = { ...process.env, SSH_AUTH_SOCK: agent };
  const files = Array.from({ length: 8 }, (_, index) => makeKey(here.directory, `many${index}`));
  execFileSync('ssh-add', ['-q', ...files], { env, stdio: 'ignore' });
  const last = files.at(-1) ?? '';
  authorize(here.user, `${last}.pub`);
  const allOfThem = { identityAgent: agent, identityFiles: [], identitiesOnly: false };
  const error = await failure({ identityFile: undefined, config: allOfThem });
  expect(error.message).toMatch(/Too many authentication failures\. Name one key file for the target/);
  await works(await open({ identityFile: last, config: { identityAgent: agent } }));
});
