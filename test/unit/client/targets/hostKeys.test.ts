import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fingerprint,
  keyType,
  KnownHosts,
  knownHostsName,
  rememberHostKey,
  showsHostKey,
} from '../../../../client/targets/hostKeys';

const field = (data: Buffer | string): Buffer => {
  const bytes = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
/** An ed25519 public key, good enough for known_hosts. */
const newKey = (): Buffer => Buffer.concat([field('ssh-ed25519'), field(randomBytes(32))]);
const text = (key: Buffer): string => `${keyType(key)} ${key.toString('base64')}`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kmod-known-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const file = (content: string): string => {
  const path = join(directory, 'known_hosts');
  writeFileSync(path, content);
  return path;
};
const keygen = (...argv: string[]): string => {
  try {
    return execFileSync('ssh-keygen', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    if (status === 1) {
      return stdout;
    }
    throw error;
  }
};

describe('KnownHosts', () => {
  const key = newKey();
  const other = newKey();
  const decide = async (content: string, host = 'board', port = 22) =>
    (await KnownHosts.read([file(content)])).decide(host, port, key);

  it('knows a key by name, in any case and among several', async () => {
    expect(await decide(`gate,board,192.168.7.2 ${text(key)} comment\n`)).toEqual({ kind: 'known' });
    expect(await decide(`board ${text(key)}\n`, 'BOARD')).toEqual({ kind: 'known' });
    expect(await decide(`board\t${text(key)}`)).toEqual({ kind: 'known' });
  });

  it('does not know a host of which nothing is said', async () => {
    expect(await decide('')).toEqual({ kind: 'unknown' });
    expect(await decide(`# board ${text(key)}\nboarding ${text(key)}\nboard garbage AAAA\n`)).toEqual({
      kind: 'unknown',
    });
    const absent = await KnownHosts.read([join(directory, 'absent')]);
    expect(absent.decide('board', 22, key)).toEqual({ kind: 'unknown' });
  });

  it('tells where another key stands, of the same type if it can', async () => {
    const rsa = Buffer.concat([field('ssh-rsa'), field(randomBytes(3)), field(randomBytes(64))]);
    const path = file('');
    expect(await decide(`\nboard ${text(rsa)}\nboard ${text(other)}\n`)).toEqual({
      kind: 'changed',
      file: path,
      line: 3,
      knownType: 'ssh-ed25519',
      knownFingerprint: fingerprint(other),
    });
    expect(await decide(`board ${text(rsa)}\n`)).toMatchObject({ kind: 'changed', knownType: 'ssh-rsa' });
  });

  it('takes any of several keys of a host', async () => {
    expect(await decide(`board ${text(other)}\nboard ${text(key)}\n`)).toEqual({ kind: 'known' });
  });

  it('heeds a revocation before everything else', async () => {
    expect(await decide(`board ${text(key)}\n@revoked * ${text(key)}\n`)).toMatchObject({
      kind: 'revoked',
      line: 2,
    });
    expect(await decide(`@revoked board ${text(other)}\n`)).toEqual({ kind: 'unknown' });
  });

  it('passes over certificate authorities', async () => {
    expect(await decide(`@cert-authority * ${text(key)}\n`)).toEqual({ kind: 'unknown' });
  });

  it('tells the types that are known, for the negotiation', async () => {
    const known = await KnownHosts.read([
      file(
        `board ${text(other)}\nboard ${text(key)}\ngate ${text(key)}\n@revoked b* ${text(key)}\n@revoked yard ${text(key)}\nyard ${text(key)}\n`,
      ),
    ]);
    expect(known.keyTypes('board', 22)).toEqual(['ssh-ed25519']);
    expect(known.keyTypes('gate', 22)).toEqual(['ssh-ed25519']);
    expect(known.keyTypes('shed', 22)).toEqual([]);
    // Its only key of the type is revoked.
    expect(known.keyTypes('yard', 22)).toEqual([]);
  });

  it('finds the lines that ssh-keygen -F finds, hashed or not', async () => {
    const host = fc.constantFrom(
      'board',
      'boards',
      'a.example',
      'b.example',
      '192.168.7.2',
      '10.0.0.1',
      'fe80::1',
    );
    const pattern = fc.oneof(
      host,
      fc.constantFrom('*', 'b*', '?oard', '*.example', '!board', '!a.*', '192.168.7.?', 'BOARD'),
      host.map((name) => `[${name}]:2222`),
      fc.constantFrom('[*]:2222', '![board]:2222', '[board]:*'),
    );
    const names = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((list) => list.join(','));
    await fc.assert(
      fc.asyncProperty(
        fc.array(names, { minLength: 1, maxLength: 6 }),
        host,
        fc.constantFrom(22, 2222),
        fc.boolean(),
        async (lines, name, port, hash) => {
          const keys = lines.map(() => newKey());
          const path = file(lines.map((each, index) => `${each} ${text(keys[index] ?? key)}\n`).join(''));
          if (hash) {
            keygen('-q', '-H', '-f', path);
            rmSync(`${path}.old`, { force: true });
          }
          const found = keygen('-F', knownHostsName(name, port), '-f', path)
            .split('\n')
            .flatMap((line) => /found: line (\d+)/.exec(line)?.[1] ?? [])
            .map(Number);
          // By key: ssh-keygen -H makes a line of each name.
          const written = readFileSync(path, 'utf8').trimEnd().split('\n');
          const keyOf = (line: string | undefined): string => line?.split(' ')[2] ?? '';
          const known = await KnownHosts.read([path]);
          const matched = written
            .map(keyOf)
            .filter(
              (each) =>
                known.decide(knownHostsName(name, port), 22, Buffer.from(each, 'base64')).kind === 'known',
            );
          expect(new Set(matched)).toEqual(new Set(found.map((line) => keyOf(written[line - 1]))));
        },
      ),
      { numRuns: 120 },
    );
  });

  it('asks without the port what it does not know with it', async () => {
    expect(await decide(`board ${text(key)}\n`, 'board', 2222)).toEqual({ kind: 'known' });
    expect(await decide(`board ${text(other)}\n`, 'board', 2222)).toEqual({ kind: 'unknown' });
  });
});

describe('fingerprint', () => {
  it('is that of ssh-keygen -l', () => {
    const key = newKey();
    const path = join(directory, 'key.pub');
    writeFileSync(path, `${text(key)}\n`);
    expect(keygen('-lf', path)).toContain(` ${fingerprint(key)} `);
  });
});

describe('what a machine shows of its keys', () => {
  const shown = (key: Buffer): string[] => {
    const path = join(directory, 'shown.pub');
    writeFileSync(path, `${text(key)} root@board\n`);
    return [keygen('-lf', path), readFileSync(path, 'utf8'), fingerprint(key), fingerprint(key).slice(7)];
  };

  it('is the key, in the words of ssh-keygen -l or as the public key itself', () => {
    const key = newKey();
    for (const words of shown(key)) {
      expect([words, showsHostKey(words, fingerprint(key))]).toEqual([words, true]);
    }
  });

  it('is another key, or none', () => {
    const key = newKey();
    for (const words of [...shown(newKey()), '', 'yes', 'SHA256:', fingerprint(key).slice(0, -1)]) {
      expect([words, showsHostKey(words, fingerprint(key))]).toEqual([words, false]);
    }
  });
});

describe('rememberHostKey', () => {
  it.each([false, true])('writes what ssh-keygen finds and removes (hashed: %s)', async (hash) => {
    const path = file(`gate ${text(newKey())}`);
    const key = newKey();
    await rememberHostKey(path, 'Board', 2222, key, hash);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
    expect(keygen('-F', '[board]:2222', '-f', path)).toContain(key.toString('base64'));
    expect(readFileSync(path, 'utf8').includes('board')).toBe(!hash);
    expect((await KnownHosts.read([path])).decide('board', 2222, key)).toEqual({ kind: 'known' });
    keygen('-q', '-R', '[board]:2222', '-f', path);
    expect((await KnownHosts.read([path])).decide('board', 2222, key)).toEqual({ kind: 'unknown' });
  });

  it('makes the directory and the file for their owner alone', async () => {
    const path = join(directory, 'new', '.ssh', 'known_hosts');
    await rememberHostKey(path, 'board', 22, newKey(), false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'new', '.ssh')).mode & 0o777).toBe(0o700);
  });
});
