import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SOURCE_RULES } from '../../../../server/language/c/rules';
import { DEFAULT_SETTINGS } from '../../../../server/language/settings';
import { readSeverities } from '../../../../server/settings';
import { openSource, sourceFindings } from './harness';

const PAGES = join(import.meta.dirname, '../../../../docs/c-diagnostics');

const pages = readdirSync(PAGES).map((file) => {
  const text = readFileSync(join(PAGES, file), 'utf8');
  const example = (title: string) =>
    text.split(`## ${title}\n`)[1]?.split('```c\n')[1]?.split('```')[0] ?? '';
  const severity = /^Severity: (\w+)\./m.exec(text)?.[1];
  return { code: file.replace('.md', ''), severity, bad: example('Bad'), good: example('Good') };
});

it('there is a page for each code', () => {
  expect(pages.map(({ code }) => code).sort()).toEqual(Object.keys(SOURCE_RULES).sort());
});

describe.each(pages)('the page of $code', ({ code, severity, bad, good }) => {
  it('tells what is bad, and what is good', async () => {
    const codes = (await sourceFindings(bad)).map(([found]) => found);
    expect(new Set(codes)).toEqual(new Set([code]));
    expect(await sourceFindings(good)).toEqual([]);
  });

  it('tells the severity, and is linked to', async () => {
    expect(SOURCE_RULES[code as keyof typeof SOURCE_RULES].severity).toBe(severity);
    const { diagnostics, document } = await openSource(bad);
    expect(diagnostics.of(document)[0]?.codeDescription?.href).toMatch(
      new RegExp(`/docs/c-diagnostics/${code}\\.md$`),
    );
  });
});

it('a user may choose the severity of a code, or none', async () => {
  const { diagnostics, document } = await openSource('MODULE_DESCRIPTION("d");');
  const chosen = (value: string) => ({
    ...DEFAULT_SETTINGS,
    severity: readSeverities({ diagnostics: { severity: { 'missing-license': value, 'no-code': 'error' } } }),
  });
  diagnostics.configure(chosen('hint'));
  expect(diagnostics.of(document).map(({ severity }) => severity)).toEqual([4]);
  diagnostics.configure(chosen('off'));
  expect(diagnostics.of(document)).toEqual([]);
  diagnostics.configure(DEFAULT_SETTINGS);
  expect(diagnostics.of(document).map(({ severity }) => severity)).toEqual([1]);
});
