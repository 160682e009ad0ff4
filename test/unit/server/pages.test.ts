import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pageOf } from '../../../server/pages';

it('finds the page of a diagnostic beside the bundles', () => {
  expect(existsSync(fileURLToPath(pageOf('diagnostics', 'unknown-command')))).toBe(true);
  expect(existsSync(fileURLToPath(pageOf('c-diagnostics', 'missing-license')))).toBe(true);
});
