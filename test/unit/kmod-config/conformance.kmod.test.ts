import { existsSync, readFileSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
import { parseArgs } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../kmod/text';
import { config } from '../../../server/commands/config';
import { resolve, showDepends } from '../../../server/commands/lookup';
import { SYSTEM_OPTIONS, systemOf, type Answer } from '../../../server/commands/system';
import { withoutSources } from './kmodChroot';

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

const directory = resolvePath(import.meta.dirname, '../../../../shared/conformance');
const manifest = join(directory, 'manifest.json');
const cases = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as Case[]) : [];

const MODPROBE_OPTIONS = {
  ...SYSTEM_OPTIONS,
  'show-config': { type: 'boolean', short: 'c' },
  'show-depends': { type: 'boolean', short: 'D' },
  'resolve-alias': { type: 'boolean', short: 'R' },
  'ignore-install': { type: 'boolean', short: 'i' },
  'use-blacklist': { type: 'boolean', short: 'b' },
  'dry-run': { type: 'boolean', short: 'n' },
  verbose: { type: 'boolean', short: 'v' },
} as const;

/** undefined: no query of ours. */
function queryOf({ dir, argv: [command, ...args] }: Case, kmod: string): (() => Promise<Answer>) | undefined {
  if (command !== 'modprobe') return undefined;
  const { values, positionals } = parseArgs({ args, options: MODPROBE_OPTIONS, allowPositionals: true });
  const system = systemOf({ ...values, sysroot: join(directory, dir, 'input'), 'kmod-version': kmod });
  const [name = '', ...parameters] = positionals;
  if (values['show-config'] === true) return () => config(system);
  if (values['resolve-alias'] === true) return () => resolve(system, name);
  // Where no module is loaded or built in, a dry run that tells what it does says the same.
  if (values['show-depends'] !== true && (values['dry-run'] !== true || values.verbose !== true))
    return undefined;
  const { 'use-blacklist': useBlacklist = false, 'ignore-install': ignoreInstall = false } = values;
  return () => showDepends(system, name, { useBlacklist, ignoreInstall, parameters });
}

const queries = cases.flatMap((case_) => {
  const ask = queryOf(case_, '30');
  return ask === undefined ? [] : [{ ...case_, ask, argv: case_.argv.join(' ') }];
});
const newer = cases.flatMap((case_) => {
  const ask = queryOf(case_, '34.2');
  return ask === undefined || case_.kmod34_2 === undefined ? [] : [{ ...case_, ask, wanted: case_.kmod34_2 }];
});

const read = (file: string) => decodeText(readFileSync(join(directory, file)));
const withoutIndexes = (dump: string) => dump.replace(/# End of configuration files[^]*/, '');

describe.runIf(cases.length > 0)('the conformance cases of kmod 30', () => {
  it.each(queries)('$id: $argv', async ({ ask, expected }) => {
    const answer = await ask();
    expect({ ...answer, stdout: withoutIndexes(answer.stdout) }).toEqual({
      exitCode: expected.rc,
      stdout: withoutIndexes(read(expected.stdout_file)),
      stderr: withoutSources(read(expected.stderr_file)),
    });
  });
});

describe.runIf(newer.length > 0)('the conformance cases of kmod 34.2', () => {
  it.each(newer)('$id', async ({ ask, wanted }) => {
    expect(await ask()).toMatchObject({ exitCode: wanted.rc, stdout: withoutIndexes(wanted.stdout) });
  });
});
