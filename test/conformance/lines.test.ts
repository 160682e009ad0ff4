import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../kmod/text';
import { parserVerdict } from '../unit/kmod-config/kmodOracle';
import { CONFORMANCE } from './data';

interface SampleLine {
  readonly line: string;
  readonly kmod_dump: string;
  readonly kmod_dump_encoding?: string;
  readonly kmod_stderr: readonly string[];
}

const samples = JSON.parse(readFileSync(join(CONFORMANCE, 'lines-sample.json'), 'utf8')) as SampleLine[];

describe('parseConfig against the conformance lines', () => {
  it.each(samples)('$line', (sample) => {
    const dump = Buffer.from(sample.kmod_dump, sample.kmod_dump_encoding === 'latin-1' ? 'latin1' : 'utf8');
    expect(parserVerdict(sample.line, 30)).toEqual({
      entries: decodeText(dump)
        .split('\n')
        .filter((entry) => entry !== ''),
      complaints: sample.kmod_stderr.map((text) => text.replace(/^\/t\.conf:? /, '')),
    });
  });
});
