import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';

interface Manifest {
  readonly contributes: {
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly properties?: object }>>;
    };
  };
}

const PROJECT = join(import.meta.dirname, '../../..');

const codes = (directory: string): string[] =>
  readdirSync(join(PROJECT, 'docs', directory)).map((file) => basename(file, '.md'));

it('the setting for severities offers every code that has a page, and no other', () => {
  const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as Manifest;
  const { properties } = manifest.contributes.configuration;
  expect(Object.keys(properties['kmod.diagnostics.severity']?.properties ?? {}).sort()).toEqual(
    [...codes('diagnostics'), ...codes('c-diagnostics')].sort(),
  );
});
