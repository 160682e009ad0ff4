// npm start: sets up what is needed, builds the extension, runs the main job on the scratch kernel, and then
// opens an editor with the samples. npm start -- --once: stops after the main job.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KERNEL_PACKAGES, SetupError, ensureBuild, ensureNodeModules, ensurePackages } from './setup.mjs';

const MAIN_JOB = fileURLToPath(new URL('../dist/scripts/mainJob.js', import.meta.url));

const unknown = process.argv.slice(2).filter((word) => word !== '--once');
if (unknown.length > 0) {
  console.error(`npm start knows no ${unknown.join(' ')}; there is --once, which stops after the main job.`);
  process.exit(2);
}
try {
  await ensurePackages(KERNEL_PACKAGES);
  await ensureNodeModules();
  await ensureBuild();
  const { status } = spawnSync(process.execPath, [MAIN_JOB], { stdio: 'inherit' });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
  if (!process.argv.includes('--once')) {
    const { openEditor } = await import('./editor.mjs');
    await openEditor();
  }
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}
