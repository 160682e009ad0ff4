import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 60_000),
      project('lsp', 30_000),
      project('ssh', 60_000),
      project('kernel', 300_000),
      project('editor', 600_000),
    ],
  },
});
