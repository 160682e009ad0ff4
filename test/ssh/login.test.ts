import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConnectError } from '../../client/targets/errors';
import { useLoginServer } from './loginServer';
import { authorize, freePort, makeKey, runAsRoot, startAgent, startSshd } from './machine';
import { Lines, type Opening, openTarget, Person } from './opening';

describe('logging in to OpenSSH', () => {
  const { cleanup, here, knownHostsWith, line, open, failure, works } = useLoginServer();

  describe('with a key', () => {
    it.each(['rsa', 'ecdsa', 'ed25519'])('of type %s from a file', async (type) => {
      const key = makeKey(here.directory, `type_${type}`, type);
      authorize(here.user, `${key}.pub`);
      await works(await open({ identityFile: key }));
    });

    it('that is encrypted asks for its passphrase until it is right', async () => {
      const key = makeKey(here.directory, 'locked', 'ed25519', 'correct horse');
      authorize(here.user, `${key}.pub`);
      const person = new Person({ secrets: ['wrong', 'correct horse'] });
      const log = new Lines();
      await works(await open({ identityFile: key, prompts: person, log: log.log }));
      expect(person.questions).toEqual([
        { kind: 'passphrase', subject: key, attempt: 1 },
        { kind: 'passphrase', subject: key, attempt: 2 },
      ]);
      expect(log.text).not.toContain('correct horse');
    });

    it('that is encrypted and not wanted by the server asks for nothing', async () => {
      const key = makeKey(here.directory, 'unwanted', 'ed25519', 'correct horse');
      const person = new Person();
      await failure({ identityFile: key, prompts: person });
      expect(person.questions.filter(({ kind }) => kind === 'passphrase')).toEqual([]);
    });

    it('in the old PEM format, encrypted', async () => {
      const key = makeKey(here.directory, 'pem', 'rsa');
      execFileSync('ssh-keygen', ['-q', '-p', '-m', 'PEM', '-N', 'correct horse', '-f', key]);
      authorize(here.user, `${key}.pub`);
      await works(await open({ identityFile: key, prompts: new Person({ secrets: ['correct horse'] }) }));
    });

    it('that is no key is told with its path', async () => {
      const identityFile = join(here.directory, 'garbage');
      writeFileSync(
        identityFile,
        '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      );
      const error = await failure({ identityFile });
      expect(error.kind).toBe('configuration');
      expect(error.message).toContain(identityFile);
    });

    it('that is not there is told with its path', async () => {
      const error = await failure({ identityFile: join(here.directory, 'absent') });
      expect(error.message).toMatch(/absent.*ENOENT/);
    });

    it('that the agent holds, with the file naming it', async () => {
      const agent = startAgent(cleanup);
      const key = makeKey(here.directory, 'held', 'rsa');
      const decoys = Array.from({ length: 8 }, (_, index) => makeKey(here.directory, `decoy${index}`));
      for (const each of [...decoys, key]) {
        execFileSync('ssh-add', ['-q', each], {
          env: { ...process.env, SSH_AUTH_SOCK: agent },
          stdio: 'ignore',
        });
      }
      authorize(here.user, `${key}.pub`);
      execFileSync('rm', [key]);
      await works(await open({ identityFile: `${key}.pub`, config: { identityAgent: agent } }));
    });

    it('that only the agent knows', async () => {
      const agent = startAgent(cleanup);
      const key = makeKey(here.directory, 'only_agent', 'ecdsa');
      execFileSync('ssh-add', ['-q', key], {
        env: { ...process.env, SSH_AUTH_SOCK: agent },
        stdio: 'ignore',
      });
      authorize(here.user, `${key}.pub`);
      const config = { identityAgent: agent, identityFiles: [], identitiesOnly: false };
      const options = {
        port: here.server.port,
        user: here.user.name,
        knownHosts: knownHostsWith('trusted', line(here.host)),
      };
      await works(await openTarget(cleanup, { ...options, config }));
    });

    it('goes on without an agent that is gone', async () => {
      authorize(here.user, `${here.login}.pub`);
      const log = new Lines();
      await works(await open({ config: { identityAgent: join(here.directory, 'no-agent') }, log: log.log }));
      expect(log.text).toContain('no-agent');
    });

    it('that is refused says what was tried and what the server accepts', async () => {
      const key = makeKey(here.directory, 'stranger');
      const error = await failure({ identityFile: key, prompts: new Person() });
      expect(error.kind).toBe('authentication');
      expect((await failureWithoutPasswords(key)).message).toMatch(
        /tried key .*stranger.*accepts: publickey\. Put your public key/,
      );
    });

    async function failureWithoutPasswords(identityFile: string): Promise<ConnectError> {
      const strict = await startSshd(cleanup, {
        hostKeys: [here.host],
        settings: ['PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
      });
      return failure({
        port: strict.port,
        identityFile,
        knownHosts: knownHostsWith('strict2', line(here.host, strict.port)),
      });
    }
  });

  describe('with a password', () => {
    const withPassword = (secrets: string[], settings: Partial<Opening> = {}) => {
      const person = new Person({ secrets });
      const log = new Lines();
      return {
        person,
        log,
        options: { identityFile: join(here.directory, 'nokey'), prompts: person, log: log.log, ...settings },
      };
    };

    beforeAll(() => {
      makeKey(here.directory, 'nokey');
    });

    it('asks until it is right, and says how often', async () => {
      const { person, log, options } = withPassword(['wrong', here.user.password]);
      await works(await open(options));
      const subject = `${here.user.name}@127.0.0.1:${here.server.port}`;
      expect(person.questions).toEqual([
        { kind: 'password', subject, attempt: 1 },
        { kind: 'password', subject, attempt: 2 },
      ]);
      expect(log.text).not.toContain(here.user.password);
    });

    it('that is wrong three times is enough', async () => {
      const { person, options } = withPassword(['a', 'b', 'c', here.user.password]);
      const error = await failure(options);
      expect(person.questions).toHaveLength(3);
      expect(error.kind).toBe('authentication');
      expect(error.message).toMatch(/password \(3 times\)/);
      await works(await open(withPassword([here.user.password]).options));
    });

    it('that is not given ends it', async () => {
      expect((await failure(withPassword([]).options)).message).toContain('no password was given');
    });

    it('that is asked through keyboard-interactive is the same password', async () => {
      const pam = await startSshd(cleanup, {
        hostKeys: [here.host],
        settings: ['UsePAM yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
      });
      const knownHosts = knownHostsWith('pam', line(here.host, pam.port));
      const { person, options } = withPassword(['wrong', here.user.password], { port: pam.port, knownHosts });
      await works(await open(options));
      expect(person.questions.map(({ kind, attempt }) => [kind, attempt])).toEqual([
        ['password', 1],
        ['password', 2],
      ]);
    });
  });

  it.each(['publickey,password', 'publickey,keyboard-interactive', 'keyboard-interactive,publickey'])(
    'that wants two ways, one after the other (%s)',
    async (methods) => {
      const both = await startSshd(cleanup, {
        hostKeys: [here.host],
        settings: ['UsePAM yes', `AuthenticationMethods ${methods}`],
      });
      authorize(here.user, `${here.login}.pub`);
      const person = new Person({ secrets: [here.user.password] });
      const knownHosts = knownHostsWith('two_ways', line(here.host, both.port));
      await works(await open({ port: both.port, knownHosts, prompts: person }));
      expect(person.questions.map(({ kind }) => kind)).toEqual(['password']);
    },
  );

  it('that wants two keys', async () => {
    const both = await startSshd(cleanup, {
      hostKeys: [here.host],
      settings: ['AuthenticationMethods publickey,publickey'],
    });
    const second = makeKey(here.directory, 'second');
    const file = join(here.user.home, '.ssh/authorized_keys');
    authorize(here.user, `${here.login}.pub`);
    runAsRoot(['tee', '-a', file], readFileSync(`${second}.pub`, 'utf8'));
    const knownHosts = knownHostsWith('two_keys', line(here.host, both.port));
    const config = { identityFiles: [makeKey(here.directory, 'not_wanted'), here.login, second] };
    await works(await open({ port: both.port, knownHosts, identityFile: undefined, config }));
    authorize(here.user, `${here.login}.pub`);
  });

  describe('that can not be reached', () => {
    it('says that the connection was refused', async () => {
      const error = await failure({ port: await freePort() });
      expect(error.kind).toBe('refused');
      expect(error.message).toContain('connection refused');
    });

    it('says that there is no such host', async () => {
      const error = await failure({ config: { hostName: 'no-such-host.invalid' } });
      expect(error.kind).toBe('name');
      expect(error.message).toContain('no-such-host.invalid');
    });

    it('stops at once when it is cancelled', async () => {
      const cancel = new AbortController();
      const opening = open({
        knownHosts: knownHostsWith('cancel'),
        signal: cancel.signal,
        prompts: {
          confirmHostKey: () => {
            cancel.abort(new Error('enough'));
            return new Promise(() => undefined);
          },
          secret: () => Promise.resolve(undefined),
        },
      });
      await expect(opening).rejects.toThrow('enough');
    });
  });

  describe('through a proxy', () => {
    it('command, as ssh runs it', async () => {
      authorize(here.user, `${here.login}.pub`);
      const target = await open({ config: { proxyCommand: 'busybox nc %h %p' } });
      await works(target);
      await target.dispose();
      expect(() => execFileSync('pgrep', ['-f', `nc 127.0.0.1 ${here.server.port}`])).toThrow();
    });

    it("jump over two hosts, whose keys and passwords are asked for as the target's own", async () => {
      authorize(here.user, `${here.login}.pub`);
      const gates = [
        await startSshd(cleanup, { hostKeys: [here.host] }),
        await startSshd(cleanup, { hostKeys: [here.host] }),
      ];
      const person = new Person({ hostKey: 'remember', secrets: [here.user.password, here.user.password] });
      // ssh asks for a password without the port: two names, so that it is certain whose it is.
      const places = gates.map(({ port }, index) => `${['127.0.0.1', 'localhost'][index]}:${port}`);
      const jump = places.map((place) => `${here.user.name}@${place}`).join(',');
      // The file names no key: only the target's definition does, which is not for the hosts between.
      const configLines = ['Host board', 'HostName 127.0.0.1', `ProxyJump ${jump}`, 'Host *'];
      const knownHosts = knownHostsWith('gates', line(here.host));
      const target = await open({ host: 'board', knownHosts, configLines, prompts: person });
      await works(target);
      expect(target.via).toBeUndefined();
      expect(person.keys.map(({ host: name, writtenBySsh }) => [name, writtenBySsh])).toEqual(
        places.map((place) => [`[${place.replace(':', ']:')}`, true]),
      );
      expect(person.questions.map(({ kind, subject }) => [kind, subject])).toEqual(
        places.map((place) => ['password', `${here.user.name}@${place}`]),
      );
      await target.dispose();
    });

    it('jump is not made when its host key is declined', async () => {
      const gate = await startSshd(cleanup, { hostKeys: [here.host] });
      const jump = `${here.user.name}@127.0.0.1:${gate.port}`;
      const configLines = ['Host board', 'HostName 127.0.0.1', `ProxyJump ${jump}`, 'Host *'];
      const knownHosts = knownHostsWith('declined_gate', line(here.host));
      const error = await failure({ host: 'board', knownHosts, configLines, prompts: new Person() });
      expect(error.message).toContain(`[127.0.0.1]:${gate.port}: its host key ED25519`);
      expect(error.message).toContain('was not accepted');
    });

    it('command that fails says so', async () => {
      const error = await failure({ config: { proxyCommand: 'echo no way >&2; exit 1' } });
      expect(error.message).toContain('no way');
    });
  });

  it('uses the algorithms of a server of 2013 where ssh_config names them, and says so', async () => {
    const old = await startSshd(cleanup, {
      hostKeys: [here.rsaHost],
      settings: [
        'KexAlgorithms diffie-hellman-group1-sha1',
        'HostKeyAlgorithms ssh-rsa',
        'Ciphers aes128-ctr',
        'MACs hmac-sha1',
        'PubkeyAcceptedAlgorithms +ssh-rsa',
      ],
    });
    authorize(here.user, `${here.login}.pub`);
    const where = { port: old.port, knownHosts: knownHostsWith('old', line(here.rsaHost, old.port)) };
    expect((await failure(where)).message).toContain('KexAlgorithms +diffie-hellman-group1-sha1');
    const target = await open({
      ...where,
      config: {
        kexAlgorithms: ['curve25519-sha256', 'diffie-hellman-group1-sha1'],
        hostKeyAlgorithms: ['ssh-ed25519', 'ssh-rsa'],
      },
    });
    await works(target);
    expect(target.via).toBe(
      'SSH with a key exchange with SHA-1 and 1024 bits, signatures with SHA-1, as your SSH configuration allows',
    );
  });

  it('says which algorithms a server offers when none fits', async () => {
    const odd = await startSshd(cleanup, { hostKeys: [here.host], settings: ['Ciphers aes128-cbc'] });
    const error = await failure({
      port: odd.port,
      knownHosts: knownHostsWith('odd', line(here.host, odd.port)),
    });
    expect(error.kind).toBe('protocol');
    expect(error.message).toMatch(/cipher.*aes128-cbc/i);
  });

  it('leaves no process of a login behind', async () => {
    authorize(here.user, `${here.login}.pub`);
    const target = await open();
    await target.dispose();
    await target.dispose();
    expect(() => runAsRoot(['pgrep', '-u', here.user.name, 'sleep'])).toThrow();
  });
});
