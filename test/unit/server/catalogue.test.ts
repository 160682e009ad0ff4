import { pageOf } from '../../../server/pages';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../../server/language/analysis/rules';
import type { DiagnosticSettings } from '../../../server/language/settings';
import { carryOut, codesIn, isAbout, openTexts, readPages, type Page } from './catalogue';

/** Where an example needs more than its text. */
const SETTINGS: Readonly<Record<string, Partial<DiagnosticSettings>>> = { 'version-required': { kmod: 30 } };

const pages = readPages();

describe('the catalogue of diagnostics', () => {
  it('has a page for each rule, and a rule for each page', () => {
    expect(pages.map(({ code }) => code)).toEqual(Object.keys(RULES).sort());
  });
});

describe.each(pages)('the page of $code', ({ code, bad, good }: Page) => {
  const settings = SETTINGS[code];

  it('shows a bad example that has it', async () => {
    expect(Object.keys(bad)).not.toEqual([]);
    expect(await codesIn(bad, settings)).toContain(code);
  });

  it('shows a good example that nothing is wrong with', async () => {
    expect(Object.keys(good)).not.toEqual([]);
    expect(await codesIn(good, settings)).toEqual([]);
  });

  it('has fixes that take it away', async () => {
    const { found, actions } = await openTexts(bad, settings);
    const ofCode = found.filter(({ diagnostic }) => diagnostic.code === code);
    const before = (await codesIn(bad, settings)).filter((each) => each === code).length;
    let fixes = 0;
    for (const each of ofCode) {
      for (const action of await actions(each)) {
        if (!isAbout(action, each.diagnostic)) continue;
        const after = await codesIn(carryOut(bad, action), settings);
        expect(after.filter((left) => left === code).length, action.title).toBeLessThan(before);
        fixes++;
      }
    }
    expect(fixes).toBeGreaterThan(0);
  });

  it('links to itself', async () => {
    const { found } = await openTexts(bad, settings);
    const hrefs = found
      .filter(({ diagnostic }) => diagnostic.code === code)
      .map(({ diagnostic }) => diagnostic.codeDescription?.href);
    expect(new Set(hrefs)).toEqual(new Set([pageOf('diagnostics', code)]));
  });
});
