// Bundles the client, the language server, the command line, and what the scripts and the tests run.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'node:path';
import { build, context } from 'esbuild';
import { bundledPackages, noticesOf, sbomOf } from './scripts/notices.mjs';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** What a start-up must not read, by how it is imported: each is a file of its own, required when first used. */
const LAZY = {
  ssh2: { entry: 'ssh2', file: 'ssh2' },
  'vscode-languageclient/node': { entry: 'vscode-languageclient/node', file: 'languageclient' },
  // Of the command line: only --stdio needs the language server.
  './main': { entry: './server/main.ts', file: 'server' },
};

/** Our own code of that kind; what it shares with a start it holds once more. */
const LAZY_OWN = {
  // Of the command line: queries need no language service.
  './commands/documentCommands': { entry: './server/commands/documentCommands.ts', file: 'documents' },
  './graphPanel': { entry: './client/views/graph/graphPanel.ts', file: 'graphPanel' },
  '../../kmod/parameterNames': { entry: './kmod/parameterNames.ts', file: 'parameterNames' },
  './moduleEditor': { entry: './client/views/moduleViewer/moduleEditor.ts', file: 'moduleEditor' },
};

/** @type {(files: Readonly<Record<string, { entry: string, file: string }>>) => Record<string, string>} */
const entryPoints = (files) =>
  Object.fromEntries(Object.values(files).map(({ entry, file }) => [file, entry]));

/** @type {(files: Readonly<Record<string, { entry: string, file: string }>>) => import('esbuild').Plugin} */
const requiredLater = (files) => ({
  name: 'required-later',
  setup(build) {
    for (const [name, { file }] of Object.entries(files)) {
      const filter = new RegExp(`^${name.replace(/[./]/g, '\\$&')}$`);
      // Own code that is imported at once is needed at once: two copies would not know each other's errors.
      build.onResolve({ filter }, ({ kind }) =>
        kind === 'dynamic-import' || !name.startsWith('.')
          ? { path: `./${file}.js`, external: true }
          : undefined,
      );
    }
  },
});

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: production ? false : 'linked',
  minify: production,
  metafile: production,
  outdir: 'dist',
  // ssh2 asks for cpu-features inside a try: without it, it picks its ciphers by itself.
  external: ['vscode', 'cpu-features'],
  loader: { '.node': 'empty' },
  // The tasks of .vscode wait for what a watch says.
  logLevel: watch ? 'info' : 'warning',
};

/** What runs in a webview. @type {import('esbuild').BuildOptions} */
const page = { platform: 'browser', target: 'chrome124', format: 'iife' };

const product = { ...common, plugins: [requiredLater({ ...LAZY, ...LAZY_OWN })] };

/** The parts of `npm run bench`. */
function benchmarks() {
  const files = readdirSync('scripts/bench').filter((file) => file.endsWith('.ts'));
  return Object.fromEntries(files.map((file) => [`bench-${parse(file).name}`, `scripts/bench/${file}`]));
}

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...common, plugins: [requiredLater(LAZY_OWN)], entryPoints: entryPoints(LAZY) },
  { ...product, entryPoints: entryPoints(LAZY_OWN) },
  {
    ...common,
    ...page,
    entryPoints: {
      graph: 'client/views/graph/webview/main.ts',
      moduleViewer: 'client/views/moduleViewer/webview/main.ts',
    },
  },
  { ...product, entryPoints: { client: 'client/extension.ts' } },
  { ...product, entryPoints: { cli: 'server/cli.ts' }, banner: { js: '#!/usr/bin/env node' } },
];
if (!production) {
  bundles.push({
    ...common,
    outdir: 'dist/scripts',
    external: [...(common.external ?? []), 'playwright-core'],
    entryPoints: {
      mainJob: 'scripts/mainJob.ts',
      fetchKernels: 'scripts/fetchKernels.ts',
      ...benchmarks(),
    },
  });
}

if (watch) {
  for (const options of bundles) {
    await (await context(options)).watch();
  }
} else {
  const results = await Promise.all(bundles.map((options) => build(options)));
  if (production) {
    const packages = bundledPackages('.', [
      ...new Set(results.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}))),
    ]);
    writeFileSync('dist/THIRD-PARTY-NOTICES.txt', noticesOf('.', packages, 'scripts/notices'));
    /** @type {(path: string) => any} */
    const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
    const sbom = sbomOf(read('package.json'), packages, read('package-lock.json'));
    writeFileSync('dist/sbom.cdx.json', `${JSON.stringify(sbom, null, 2)}\n`);
  }
}
