import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the package of this run of the tests is, once the first of them has made it. */
    packageDirectory: string;
  }
}

/** Set-up of the whole run. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'kmod-vsix-'));
  project.provide('packageDirectory', directory);
  return () => rmSync(directory, { recursive: true });
}
