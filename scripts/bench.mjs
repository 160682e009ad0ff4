// npm run bench: what a load on the scratch kernel costs, and where the time goes.
// npm run bench -- 9: nine rounds.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { benchActivation } from './benchActivation.mjs';
import { KERNEL_PACKAGES, SetupError, ensureBuild, ensureNodeModules, ensurePackages } from './setup.mjs';

const ACTIVATION_ROUNDS = 5;
const BENCH = fileURLToPath(new URL('../dist/scripts/bench.js', import.meta.url));

try {
  await ensurePackages(KERNEL_PACKAGES);
  await ensureNodeModules();
  await ensureBuild();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}
const load = spawnSync(process.execPath, [BENCH, ...process.argv.slice(2)], { stdio: 'inherit' });
const { editor, milliseconds } = await benchActivation(ACTIVATION_ROUNDS);
const sorted = milliseconds.toSorted((a, b) => a - b);
console.log(
  `\nActivation in VS Code ${editor}, as the editor tells it: median ${sorted[sorted.length >> 1]} ms of ${milliseconds.join(', ')} ms`,
);
process.exit(load.status ?? 1);
