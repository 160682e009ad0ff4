import { defineConfig } from 'vitest/config';

/** @param limit milliseconds for a test, on a slow machine that has other work too */
const project = (
  name: string,
  limit: number,
  more: { globalSetup?: string; maxConcurrency?: number } = {},
) => ({
  test: {
    ...more,
    name,
    include: [`test/${name}/**/*.test.ts`],
    setupFiles: ['test/seed.ts'],
    testTimeout: limit,
    hookTimeout: limit,
    // A state that is waited for has the test's time, less what the failure needs to be told first.
    expect: { poll: { timeout: Math.min(limit / 2, 120_000), interval: 50 } },
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 120_000),
      // Public cases that lie outside this repository; `npm test` runs them where KMOD_CONFORMANCE names their directory.
      project('conformance', 120_000),
      project('lsp', 120_000),
      // A reader is a process of its own.
      project('fuzz', 300_000, { maxConcurrency: 2 }),
      project('ssh', 240_000),
      project('kernel', 600_000),
      project('editor', 600_000, { globalSetup: 'test/editor/packageDirectory.ts' }),
    ],
  },
});
