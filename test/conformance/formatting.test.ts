import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kmodVerdict } from '../unit/kmod-config/kmodOracle';
import { format } from '../unit/server/format';
import { CONFORMANCE } from './data';

const files = readdirSync(CONFORMANCE, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /modprobe\.d\/[^/]+\.conf$|modprobe\.conf$/.test(path),
);

describe('formatting of the conformance configuration', () => {
  it.each(files)('%s', (path) => {
    const text = readFileSync(join(CONFORMANCE, path), 'utf8');
    const formatted = format(text);
    expect(kmodVerdict(formatted)).toEqual(kmodVerdict(text));
    expect(format(formatted)).toBe(formatted);
  });
});
