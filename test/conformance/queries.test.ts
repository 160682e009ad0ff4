import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../kmod/text';
import { QUERIES } from '../../server/commands/queries';
import type { Answer } from '../../server/commands/system';
import { withoutSources } from '../unit/kmod-config/kmodChroot';
import { answerOf } from '../unit/server/answerOf';
import { CONFORMANCE } from './data';

interface Case {
  readonly id: string;
  readonly dir: string;
  readonly argv: readonly string[];
  readonly expected: {
    readonly stdout_file: string;
    readonly stderr_file: string;
    readonly rc: number;
  };
  /** Where kmod 34.2 says something else. */
  readonly kmod34_2?: { readonly stdout: string; readonly rc: number };
}

const cases = JSON.parse(readFileSync(join(CONFORMANCE, 'manifest.json'), 'utf8')) as Case[];

/** undefined: no query of ours. */
function queryOf({ dir, argv: [command, ...argv] }: Case, kmod: string): (() => Promise<Answer>) | undefined {
  const letters = argv.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  // Where no module is loaded or built in, a dry run that tells what it does says the same.
  const isQuery = /[cDR]|n.*v|v.*n/.test(letters);
  if (command !== 'modprobe' || !isQuery) return undefined;
  const query = letters.includes('c') ? 'config' : letters.includes('R') ? 'resolve' : 'show-depends';
  return () => ask(query, ['--sysroot', join(CONFORMANCE, dir, 'input'), '--kmod-version', kmod, ...argv]);
}

function ask(query: string, argv: readonly string[]): Promise<Answer> {
  const known = QUERIES[query];
  if (known === undefined) throw new Error(`no query ${query}`);
  return answerOf((print) => known(argv, print));
}

const queries = cases.flatMap((case_) => {
  const answer = queryOf(case_, '30');
  return answer === undefined ? [] : [{ ...case_, answer, argv: case_.argv.join(' ') }];
});
const newer = cases.flatMap((case_) => {
  const answer = queryOf(case_, '34.2');
  return answer === undefined || case_.kmod34_2 === undefined
    ? []
    : [{ ...case_, answer, wanted: case_.kmod34_2 }];
});

const read = (file: string) => decodeText(readFileSync(join(CONFORMANCE, file)));
const withoutIndexes = (dump: string) => dump.replace(/# End of configuration files[^]*/, '');

describe('the conformance cases of kmod 30', () => {
  it.each(queries)('$id: $argv', async ({ answer: query, expected }) => {
    const answer = await query();
    expect({ ...answer, stdout: withoutIndexes(answer.stdout) }).toEqual({
      exitCode: expected.rc,
      stdout: withoutIndexes(read(expected.stdout_file)),
      stderr: withoutSources(read(expected.stderr_file)),
    });
  });
});

describe('the conformance cases of kmod 34.2', () => {
  it.each(newer)('$id', async ({ answer, wanted }) => {
    expect(await answer()).toMatchObject({ exitCode: wanted.rc, stdout: withoutIndexes(wanted.stdout) });
  });
});
