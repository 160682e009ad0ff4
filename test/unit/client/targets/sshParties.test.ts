import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../../../engine/base/programs';
import type { Prompts, SecretQuestion } from '../../../../client/targets/prompts';
import { openSshTarget } from '../../../../client/targets/sshTarget';
import { FOR_SSH_ITSELF } from '../../../ssh/opening';

/** What is remembered; of all else a person is asked. */
const REMEMBERED: Readonly<Record<string, string>> = {
  'password root@board': 'of the board',
  'password me@gate:2222': 'of the gate',
  'password admin@bank': 'of the bank',
  'passphrase /keys/id': 'of the key',
};
/** Questions that a server may write in the words of ssh. */
const IMITATIONS = ["admin@bank's password: ", "Enter passphrase for key '/keys/id': ", 'Password: '];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kmod-test-'));
  vi.stubEnv('PATH', `${directory}${delimiter}${process.env['PATH'] ?? ''}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/**
 * An ssh of a version that asks these questions, writes down what it is answered, and is refused in the end.
 * @param unless it does not ask these where it is told that the server may ask nothing
 */
function layFakeSsh(version: string, own: readonly string[], unless: readonly string[]): void {
  const real = findProgram('ssh') ?? '';
  const ask = (prompts: readonly string[]): string =>
    prompts
      .map((prompt) => {
        const file = join(directory, `prompt${prompt.replaceAll(/\W/g, '_')}`);
        writeFileSync(file, `${prompt}x`);
        return `p=$(cat '${file}'); a=$("$SSH_ASKPASS" "\${p%x}") || a='(nothing)'
printf '%s|%s\\n' "\${p%x}" "$a" >> '${directory}/answers'`;
      })
      .join('\n');
  const file = join(directory, 'ssh');
  writeFileSync(
    file,
    `#!/bin/sh
case " $* " in
  ' -V ') echo '${version}' >&2; exit ;;
  *' -G '*) exec '${real}' "$@" ;;
esac
${ask(own)}
case "$*" in *KbdInteractiveAuthentication=no*) may=no ;; *) may=yes ;; esac
if [ $may = yes ]; then
:
${ask(unless)}
fi
echo 'root@board: Permission denied (publickey,keyboard-interactive).' >&2
exit 255
`,
  );
  chmodSync(file, 0o755);
}

/** Who logs in to the board as configured; the questions that a person saw, and the answers that ssh got. */
async function login(configLines: readonly string[]): Promise<{ asked: string[]; answers: string[] }> {
  const configFile = join(directory, 'config');
  writeFileSync(configFile, [...FOR_SSH_ITSELF, 'IdentityFile /keys/id', ...configLines, ''].join('\n'));
  const asked: string[] = [];
  const prompts: Prompts = {
    confirmHostKey: () => Promise.resolve(undefined),
    secret: ({ kind, subject, prompt, attempt }: SecretQuestion) => {
      // As the editor does it: what a server words is never answered from memory.
      const known = kind === 'keyboard-interactive' ? undefined : REMEMBERED[`${kind} ${subject}`];
      if (known === undefined || attempt > 1) asked.push(`${subject}: ${prompt ?? kind}`);
      return Promise.resolve(known ?? 'typed');
    },
  };
  const definition = { kind: 'ssh', name: 'board', host: 'board', user: 'root' } as const;
  await expect(openSshTarget(definition, { prompts, configFile })).rejects.toThrow('refused');
  const answers = readFileSync(join(directory, 'answers'), 'utf8').trim().split('\n');
  return { asked, answers };
}

const JUMP = ['Host gate', 'User me', 'Port 2222', 'Host board', 'ProxyJump gate'];
const OWN = ["me@gate's password: ", "root@board's password: "];

describe.each(['OpenSSH_7.6p1 Ubuntu-4ubuntu0.7, OpenSSL 1.0.2n', 'OpenSSH_8.4p1 Debian-5, OpenSSL 1.1.1k'])(
  'of two logins through %s',
  (version) => {
    it('neither is answered from memory: any of the hosts may have asked, and a person sees what', async () => {
      layFakeSsh(version, [...OWN, ...IMITATIONS], []);
      const { asked, answers } = await login(JUMP);
      expect(answers).toEqual([...OWN, ...IMITATIONS].map((prompt) => `${prompt}|typed`));
      expect(asked).toHaveLength(answers.length);
      for (const [index, prompt] of [...OWN, ...IMITATIONS].entries()) {
        expect(asked[index]).toContain(prompt.trim().replace(/:$/, ''));
      }
    });

    it('the one that is alone gets its own password, before its server may ask anything', async () => {
      layFakeSsh(version, ["root@board's password: "], IMITATIONS);
      const { answers } = await login([]);
      expect(answers).toContain("root@board's password: |of the board");
      for (const secret of ['of the gate', 'of the bank', 'of the key']) {
        expect(answers.join('\n')).not.toContain(secret);
      }
    });
  },
);

it('of two logins through an ssh that marks what servers ask each gets its own password', async () => {
  const marked = IMITATIONS.map((prompt) => `(root@board) ${prompt}`);
  layFakeSsh('OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.15', [...OWN, ...marked], []);
  const { answers } = await login(JUMP);
  expect(answers.slice(0, 2)).toEqual([
    "me@gate's password: |of the gate",
    "root@board's password: |of the board",
  ]);
  for (const secret of ['of the gate', 'of the bank', 'of the key']) {
    expect(answers.slice(2).join('\n')).not.toContain(secret);
  }
});
