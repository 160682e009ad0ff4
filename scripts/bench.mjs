// npm run bench: every part, one after the other; each prints ratios to the tool that one would use instead.
// npm run bench -- load 9: one part, with its own arguments.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  KERNEL_PACKAGES,
  SetupError,
  ensureBuild,
  ensureKernels,
  ensureNodeModules,
  ensurePackages,
} from './setup.mjs';

const SOURCES = fileURLToPath(new URL('bench', import.meta.url));
const BUNDLES = fileURLToPath(new URL('../dist/scripts', import.meta.url));

/** The file that runs a part: TypeScript is bundled by esbuild.mjs. */
const parts = new Map(
  readdirSync(SOURCES)
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .map((file) => {
      const { name, ext } = parse(file);
      return [name, ext === '.ts' ? `${BUNDLES}/bench-${name}.js` : `${SOURCES}/${file}`];
    }),
);

const [only, ...args] = process.argv.slice(2);
if (only !== undefined && !parts.has(only)) {
  console.error(`There is no part ${only}. The parts are: ${[...parts.keys()].join(', ')}.`);
  process.exit(2);
}
try {
  await ensurePackages(KERNEL_PACKAGES);
  await ensureNodeModules();
  await ensureBuild();
  if (only === undefined || only === 'modinfo' || only === 'tree') await ensureKernels();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}
let failed = false;
for (const [name, file] of parts) {
  if (only === undefined || only === name) {
    console.log(`\n=== ${name}`);
    failed = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' }).status !== 0 || failed;
  }
}
process.exit(failed ? 1 : 0);
