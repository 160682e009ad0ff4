// npm run bench: what a load on the scratch kernel costs, and where the time goes.
// npm run bench -- 9: nine rounds.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KERNEL_PACKAGES, SetupError, ensureBuild, ensureNodeModules, ensurePackages } from './setup.mjs';

const BENCH = fileURLToPath(new URL('../dist/scripts/bench.js', import.meta.url));

try {
  await ensurePackages(KERNEL_PACKAGES);
  await ensureNodeModules();
  await ensureBuild();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}
process.exit(
  spawnSync(process.execPath, [BENCH, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1,
);
