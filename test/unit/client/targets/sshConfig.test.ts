import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectError } from '../../../../client/targets/errors';
import { readSshConfig } from '../../../../client/targets/readSshConfig';
import { parseSshConfig } from '../../../../client/targets/sshConfig';
import { expandTokens } from '../../../../client/targets/sshTokens';

const board = { kind: 'ssh', name: 'board', host: 'board' } as const;

describe('readSshConfig', () => {
  let directory: string;
  const read = (lines: string, definition: Parameters<typeof readSshConfig>[0] = board) => {
    const configFile = join(directory, 'config');
    writeFileSync(configFile, lines);
    return readSshConfig(definition, { configFile, homeDirectory: '/home/me' });
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kmod-config-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });

  it('takes what ssh says of the host, with Include and Match', async () => {
    writeFileSync(join(directory, 'more'), 'Host board\n  Port 2222\n');
    const config = await read(
      [
        `Include ${directory}/more`,
        'Match host board exec "true"',
        '  User driver',
        'Host board',
        '  HostName 192.168.7.2',
        '  User not-this-one',
        '  IdentityFile ~/keys/board',
        '  IdentityFile %d/other_%h',
        '  IdentitiesOnly yes',
        '  IdentityAgent /run/agent',
        '  UserKnownHostsFile /tmp/known /tmp/known2',
        '  HostKeyAlias the-board',
        '  StrictHostKeyChecking accept-new',
        '  HashKnownHosts yes',
        '  ConnectTimeout 7',
        '  ProxyJump me@gate:2022,inner',
      ].join('\n'),
    );
    expect(config).toMatchObject({
      host: 'board',
      hostName: '192.168.7.2',
      port: 2222,
      user: 'driver',
      identityFiles: ['/home/me/keys/board', '/home/me/other_192.168.7.2'],
      identitiesOnly: true,
      identityAgent: '/run/agent',
      userKnownHostsFiles: ['/tmp/known', '/tmp/known2'],
      hostKeyAlias: 'the-board',
      strictHostKeyChecking: 'accept-new',
      hashKnownHosts: true,
      connectTimeoutMs: 7000,
      proxyJump: 'me@gate:2022,inner',
      proxyCommand: undefined,
    });
  });

  it.each([
    ['PreferredAuthentications publickey', ['keyboard-interactive', 'password'], []],
    ['PreferredAuthentications gssapi-with-mic,publickey,password', ['keyboard-interactive'], []],
    ['PasswordAuthentication no', ['password'], []],
    ['PreferredAuthentications password,publickey', ['keyboard-interactive'], ['PreferredAuthentications']],
    ['PubkeyAcceptedAlgorithms +ssh-rsa', [], []],
    ['PubkeyAcceptedAlgorithms ssh-ed25519', [], ['PubkeyAcceptedAlgorithms']],
    ['RevokedHostKeys /etc/ssh/revoked', [], ['RevokedHostKeys /etc/ssh/revoked']],
    ['NoHostAuthenticationForLocalhost yes', [], []],
    ['HostName 127.0.0.1\nNoHostAuthenticationForLocalhost yes', [], ['NoHostAuthenticationForLocalhost']],
  ])('knows who may serve %s', async (lines, refusedMethods, onlyForSsh) => {
    expect(await read(lines)).toMatchObject({ refusedMethods, onlyForSsh });
  });

  it('lets what the definition says win', async () => {
    const definition = { ...board, port: 2200, user: 'root', identityFile: '~/board_key' };
    const config = await read('Host board\n  Port 2222\n  User me\n  IdentityFile ~/other\n', definition);
    expect(config).toMatchObject({
      port: 2200,
      user: 'root',
      identityFiles: ['/home/me/board_key'],
      identitiesOnly: true,
    });
  });

  it('finds the agent where the environment says', async () => {
    vi.stubEnv('SSH_AUTH_SOCK', '/run/env-agent');
    expect((await read('')).identityAgent).toBe('/run/env-agent');
    expect((await read('Host board\n  IdentityAgent none\n')).identityAgent).toBeUndefined();
    vi.stubEnv('MY_AGENT', '/run/mine');
    expect((await read('Host board\n  IdentityAgent $MY_AGENT\n')).identityAgent).toBe('/run/mine');
  });

  it('tells what ssh says of a broken configuration', async () => {
    const error = await read('NoSuchOption yes\n').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringMatching(/nosuchoption/i) });
  });

  it.each(['-oProxyCommand=touch /tmp/executed', 'a b', 'a;b', '$(id)', '', 'a\nb', "a'b"])(
    'refuses %j as a host',
    async (host) => {
      await expect(read('', { ...board, host })).rejects.toMatchObject({ kind: 'configuration' });
    },
  );

  it.each(['board', '192.168.7.2', 'fe80::1%eth0', 'my_board.local', 'münchen'])(
    'takes %j as a host',
    async (host) => {
      await expect(read('', { ...board, host })).resolves.toMatchObject({ host });
    },
  );

  it.each(['-l', 'a;b', '$(id)'])('refuses %j as a user', async (user) => {
    await expect(read('', { ...board, user })).rejects.toMatchObject({ kind: 'configuration' });
  });

  it('takes the defaults where there is no ssh', async () => {
    vi.stubEnv('PATH', directory);
    expect(await read('')).toMatchObject({ hostName: 'board', port: 22, user: userInfo().username });
  });
});

describe('parseSshConfig', () => {
  it('gives the defaults of ssh_config(5) for nothing', () => {
    expect(parseSshConfig('', board, '/home/me')).toMatchObject({
      hostName: 'board',
      port: 22,
      identityFiles: ['/home/me/.ssh/id_rsa', '/home/me/.ssh/id_ecdsa', '/home/me/.ssh/id_ed25519'],
      identitiesOnly: false,
      userKnownHostsFiles: ['/home/me/.ssh/known_hosts', '/home/me/.ssh/known_hosts2'],
      strictHostKeyChecking: 'ask',
      hashKnownHosts: false,
      proxyJump: undefined,
      proxyCommand: undefined,
      connectTimeoutMs: undefined,
    });
  });

  it('takes "none" for nothing', () => {
    const config = parseSshConfig(
      'proxycommand none\nproxyjump none\nidentityfile none\n',
      board,
      '/home/me',
    );
    expect(config).toMatchObject({ proxyCommand: undefined, proxyJump: undefined, identityFiles: [] });
  });
});

it('expandTokens replaces what it is given, and %% by %', () => {
  expect(expandTokens('nc %h %p %% %x', { h: 'board', p: '22' })).toBe('nc board 22 % %x');
});
