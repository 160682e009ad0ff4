import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readSshConfig } from '../../../../client/targets/readSshConfig';
import { proxyCommand } from '../../../../client/targets/sshTransport';

let directory: string;
let ssh: string;

beforeAll(() => {
  vi.stubEnv('KMOD_KEYS', '/from/the environment');
  directory = mkdtempSync(join(tmpdir(), 'kmod-config-'));
  ssh = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  mkdirSync(join(directory, 'bin'));
  mkdirSync(join(directory, 'more'));
  // The ssh of a ProxyJump.
  writeFileSync(join(directory, 'bin/ssh'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const HOSTS = ['board', 'rack-1', '192.168.7.2'] as const;

const option = fc.oneof(
  fc.constantFrom(
    'HostName %h.example',
    'HostName 10.0.0.9',
    'User driver',
    'User=root',
    'Port 2222',
    'Port = 22',
  ),
  fc.constantFrom(
    'IdentityFile ~/keys/%h_%r',
    'IdentityFile=%d/%u_%p',
    'IdentityFile "/with blank/%n"',
    'IdentityFile /hash/%C',
    'IdentityFile /%L/%l/%i/%k/%%h',
    'IdentityFile ${KMOD_KEYS}/id',
    'HostKeyAlias known',
  ),
  fc.constantFrom(
    'ProxyCommand nc -X "a b" %h %p',
    'ProxyCommand=relay %r@%n %%h',
    'ProxyJump gate',
    'ProxyJump %r@gate-%n:2022',
    'ProxyJump me@one:22,two,%h-three:2200',
  ),
);
const selector = fc.constantFrom(
  ...['Host *', 'Host board rack-?', 'Host *,!board', 'Host !rack-1 *', 'Match all', 'Match final all'],
  ...['Match host *.example', 'Match originalhost board', 'Match user driver', 'Match final host 10.*'],
  ...['Match exec "test %n = board"', 'Match exec "test %p = 2222" !host 10.*'],
);
const block = fc.record({ selector, options: fc.array(option, { maxLength: 4 }) });
const text = (blocks: readonly { selector: string; options: readonly string[] }[]): string =>
  blocks.flatMap((each) => [each.selector, ...each.options.map((line) => `\t${line}`), '']).join('\n');

it('a configuration means what it means to ssh, for generated ones', async () => {
  const generated = fc.record({
    host: fc.constantFrom(...HOSTS),
    own: fc.array(block, { maxLength: 4 }),
    included: fc.array(fc.array(block, { maxLength: 2 }), { maxLength: 2 }),
    port: fc.constantFrom(undefined, 2022),
    user: fc.constantFrom(undefined, 'typed'),
  });
  await fc.assert(
    fc.asyncProperty(generated, async ({ host, own, included, port, user }) => {
      rmSync(join(directory, 'more'), { recursive: true });
      mkdirSync(join(directory, 'more'));
      included.forEach((blocks, index) =>
        writeFileSync(join(directory, 'more', `${index}.conf`), text(blocks)),
      );
      const configFile = join(directory, 'config');
      // The last one holds where none of the others names a way: nothing is ever looked up.
      const last = 'Host *\n\tProxyCommand relay %h %p %r %n\n\tIdentityFile /last/%C\n';
      writeFileSync(configFile, `Include ${directory}/more/*.conf\n${text(own)}\n${last}`);

      const definition = {
        kind: 'ssh',
        name: 'board',
        host,
        ...(port === undefined ? {} : { port }),
        ...(user === undefined ? {} : { user }),
      } as const;
      const config = await readSshConfig(definition, { configFile });

      const argv = [
        ...(port === undefined ? [] : ['-p', String(port)]),
        ...(user === undefined ? [] : ['-l', user]),
      ];
      const { stderr } = spawnSync(ssh, ['-v', '-F', configFile, ...argv, host, 'true'], {
        argv0: 'ssh',
        encoding: 'utf8',
        env: { ...process.env, PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}` },
      });
      const proxy = /Executing proxy command: exec (.*)/.exec(stderr)?.[1];
      expect(words(proxyCommand(config, configFile))).toEqual(words(proxy));
      const files = Array.from(stderr.matchAll(/identity file (.*) type -1/g), ([, file]) => file).filter(
        (file) => file?.endsWith('-cert') === false,
      );
      expect([...new Set(config.identityFiles)]).toEqual([...new Set(files)]);
    }),
    { numRuns: 40 },
  );
});

/** The words of a command, without how they are quoted, and without what only ssh itself hands on. */
const words = (command: string | undefined): string[] | undefined =>
  command
    ?.replaceAll(/['"[\]]/g, '')
    .split(' ')
    .filter((word) => word !== '-v' && word !== '--')
    .toSorted();
