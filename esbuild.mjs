// Bundles the client, the language server, the command line, and what the scripts and the tests run.
import { build, context } from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** Packages that a start-up must not read: each is a file of its own, required when first used. */
const LAZY = { ssh2: 'ssh2', '@peculiar/asn1-cms': 'asn1-cms' };

/** @type {import('esbuild').Plugin} */
const lazyPackages = {
  name: 'lazy-packages',
  setup(build) {
    const names = Object.keys(LAZY).map((name) => name.replace('/', '\\/'));
    build.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path, kind }) =>
      kind === 'entry-point'
        ? undefined
        : { path: `./${LAZY[/** @type {keyof typeof LAZY} */ (path)]}.js`, external: true },
    );
  },
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: production ? false : 'linked',
  minify: production,
  outdir: 'dist',
  // ssh2 asks for cpu-features inside a try: without it, it picks its ciphers by itself.
  external: ['vscode', 'cpu-features'],
  loader: { '.node': 'empty' },
  logLevel: 'warning',
};

const product = { ...common, plugins: [lazyPackages] };

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...common, entryPoints: Object.fromEntries(Object.entries(LAZY).map(([name, file]) => [file, name])) },
  { ...product, entryPoints: { client: 'client/extension.ts', server: 'server/main.ts' } },
  { ...product, entryPoints: { cli: 'server/cli.ts' }, banner: { js: '#!/usr/bin/env node' } },
];
if (!production) {
  bundles.push({
    ...common,
    outdir: 'dist/scripts',
    entryPoints: { mainJob: 'scripts/mainJob.ts', bench: 'scripts/bench.ts' },
  });
}

if (watch) {
  for (const options of bundles) {
    await (await context(options)).watch();
  }
} else {
  await Promise.all(bundles.map((options) => build(options)));
}
