import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { welcomeTarget } from '../../client/kernel/welcomeTarget';
import { ConnectError } from '../../client/targets/errors';
import { TargetManager, type TargetState } from '../../client/targets/targetManager';
import { useLoginServer } from './loginServer';
import {
  authorize,
  Cleanup,
  descendants,
  freePort,
  makeKey,
  runAsRoot,
  startAgent,
  startSshd,
  type TestServer,
} from './machine';
import { FOR_SSH_ITSELF, Person } from './opening';

const { perTest, here, open, failure, works } = useLoginServer({ settings: ['PasswordAuthentication no'] });

describe('a private key that others may read', () => {
  const readable = (name: string): string => {
    const key = makeKey(here.directory, name);
    chmodSync(key, 0o644);
    authorize(here.user, `${key}.pub`);
    perTest.add(() => authorize(here.user, `${here.login}.pub`));
    return key;
  };

  it('is not used, and what to do is told', async () => {
    const identityFile = readable('open_key');
    const error = await failure({ identityFile });
    expect(error.kind).toBe('configuration');
    expect(error.message).toContain(
      `The key file ${identityFile} can not be used: others may read it (mode 0644), and ssh takes no such key. chmod 600 ${identityFile}`,
    );
    chmodSync(identityFile, 0o600);
    await works(await open({ identityFile }));
  });

  it('is left out where ssh_config alone names it, and that is told with the refusal', async () => {
    const key = readable('open_config_key');
    const error = await failure({
      config: { identityFiles: [key], identitiesOnly: false },
      ...withoutOwnKey,
    });
    expect(error.kind).toBe('authentication');
    expect(error.message).toContain('there was nothing to offer');
    expect(error.message).toContain(`Note: the key file ${key} can not be used: others may read it`);
  });

  it("is told by the system's ssh too", async () => {
    const error = await failure({ identityFile: readable('open_for_ssh'), configLines: FOR_SSH_ITSELF });
    expect(error.message).toContain('UNPROTECTED PRIVATE KEY FILE');
    expect(error.message).toContain('chmod 600');
  });

  it('is no matter where the agent holds it', async () => {
    const key = readable('open_held');
    const agent = startAgent(perTest);
    chmodSync(key, 0o600);
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: agent }, stdio: 'ignore' });
    chmodSync(key, 0o644);
    await works(await open({ identityFile: key, config: { identityAgent: agent } }));
  });
});

/** The definition names no key file: what ssh_config says counts. */
const withoutOwnKey = { identityFile: undefined };

describe('an agent', () => {
  it('that holds no keys is told with the refusal', async () => {
    const agent = startAgent(perTest);
    const config = { identityAgent: agent, identityFiles: [], identitiesOnly: false };
    const error = await failure({ config, ...withoutOwnKey });
    expect(error.message).toContain('there was nothing to offer');
    expect(error.message).toContain(`the SSH agent ${agent} holds no keys (ssh-add adds one)`);
  });

  it('that is gone is told with the refusal', async () => {
    const agent = join(here.directory, 'no-agent');
    const config = { identityAgent: agent, identityFiles: [], identitiesOnly: false };
    expect((await failure({ config, ...withoutOwnKey })).message).toContain(
      `the SSH agent ${agent} did not answer`,
    );
  });
});

describe('a server', () => {
  it.each([
    ['ssh2', { config: { hostKeyAlgorithms: ['ssh-ed25519'] } }],
    ["the system's ssh", { configLines: ['HostKeyAlgorithms ssh-ed25519'] }],
  ])(
    'that offers only ssh-rsa where that is not allowed is told with the way out, by %s',
    async (_by, how) => {
      const { port } = await startSshd(perTest, {
        hostKeys: [here.rsaHost],
        settings: ['HostKeyAlgorithms ssh-rsa'],
      });
      const error = await failure({ port, ...how });
      expect(error.kind).toBe('protocol');
      expect(error.message).toMatch(/no .*host key .*(the server offers only|Their offer:) ssh-rsa\b/);
      expect(error.message).toContain('in ~/.ssh/config: HostKeyAlgorithms +ssh-rsa');
    },
  );
});

describe('a machine that lets in nobody but root while it starts', () => {
  const BOOTING =
    'System is booting up. Unprivileged users are not permitted to log in yet. Please come back later. For technical details, see pam_nologin(8).';

  const booting = (port: number, on: Cleanup, settings: readonly string[] = []): Promise<TestServer> =>
    startSshd(on, {
      port,
      hostKeys: [here.host],
      settings: ['UsePAM yes', ...settings],
      on: { etc: { nologin: `${BOOTING}\n` } },
    });

  it.each([
    ['a key', {}, []],
    ["a key, through the system's ssh", { configLines: FOR_SSH_ITSELF }, []],
    [
      'a password',
      { identityFile: undefined },
      ['PubkeyAuthentication no', 'KbdInteractiveAuthentication no'],
    ],
  ] as const)('is told as that, with %s', async (_how, options, settings) => {
    const { port } = await booting(await freePort(), perTest, settings);
    const prompts = new Person({ hostKey: 'once', secrets: [here.user.password] });
    const error = await failure({ port, prompts, ...options });
    expect(error.kind).toBe('refused');
    expect(error.message).toContain('it lets in nobody but root for now. It says: ');
    expect(error.message).toContain('System is booting up');
  });

  it('is tried again until it lets its user in', async () => {
    const port = await freePort();
    const up = new Cleanup();
    const first = await startSshd(up, { hostKeys: [here.host], port });
    const manager = new TargetManager({
      open: (_definition, { signal, step }) => open({ port, signal, step }),
      probe: (target, signal) => welcomeTarget(target, signal, () => undefined),
      delays: [100],
    });
    perTest.add(() => manager.dispose());
    manager.setDefinitions([{ kind: 'ssh', name: 'board', host: 'board' }]);
    await manager.connect('board');
    const when = (fits: (state: TargetState) => boolean): Promise<void> =>
      expect.poll(() => fits(manager.state('board')) || manager.state('board'), { interval: 20 }).toBe(true);

    const serving = descendants(first.pid);
    await up.run();
    const starting = new Cleanup();
    await booting(port, starting);
    runAsRoot(['kill', '-KILL', ...serving.map(String)]);
    await when(
      (state) => state.kind === 'lost' && /nobody but root/.test(state.retry?.failure?.message ?? ''),
    );
    await starting.run();
    await startSshd(perTest, { hostKeys: [here.host], port });

    await when(({ kind }) => kind === 'connected');
  });
});

describe('a user certificate', () => {
  it('that ssh_config names is shown by ssh itself, which is told', async () => {
    const authority = makeKey(here.directory, 'authority');
    const key = makeKey(here.directory, 'certified');
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', here.user.name, `${key}.pub`]);
    const certificate = join(here.directory, 'elsewhere-cert.pub');
    writeFileSync(certificate, readFileSync(`${key}-cert.pub`));
    runAsRoot(['rm', `${key}-cert.pub`]);
    const { port } = await startSshd(perTest, {
      hostKeys: [here.host],
      settings: [`TrustedUserCAKeys ${authority}.pub`, 'PasswordAuthentication no'],
    });
    const identity = [`IdentityFile ${key}`, 'IdentitiesOnly yes'];

    const target = await open({
      port,
      configLines: [...identity, `CertificateFile ${certificate}`],
      ...withoutOwnKey,
    });
    await works(target);

    expect(target.via).toBe(`the system's ssh, for the certificate ${certificate}`);
    await expect(open({ port, configLines: identity, ...withoutOwnKey })).rejects.toThrow(ConnectError);
  });
});
