// npm run fuzz: bundles test/fuzz/command.ts, and runs it with the same arguments.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await build({
  entryPoints: { fuzz: 'test/fuzz/command.ts' },
  outdir: 'dist/scripts',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  loader: { '.node': 'empty' },
  external: ['vscode', 'cpu-features', 'esbuild'],
  logLevel: 'warning',
});
await import(pathToFileURL('dist/scripts/fuzz.js').href);
