import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { HostReport } from './host/index';
import { openSession, PROJECT, type SessionOptions } from './session';

const HOST = join(PROJECT, 'test/editor/host');
const BUNDLES = join(PROJECT, 'dist/test/host');

/** How long the extension host may take for all its tests, in milliseconds. */
const LIMIT = 900_000;

/**
 * Runs the suites of test/editor/host with mocha inside a real extension host.
 * @throws when the host did not report, with what the editor's page said
 */
export async function runHost(options: SessionOptions): Promise<HostReport> {
  await bundleSuites();
  const folder = mkdtempSync(join(tmpdir(), 'kmod-host-'));
  const report = join(folder, 'report.json');
  const session = await openSession({
    ...options,
    testsModule: join(BUNDLES, 'index.js'),
    env: { ...options.env, KMOD_HOST_REPORT: report },
  });
  try {
    for (let waited = 0; !existsSync(report); waited += 100) {
      if (waited > LIMIT || session.page.isClosed()) {
        throw new Error(`The extension host sent no report.\n${session.console.slice(-20).join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return JSON.parse(readFileSync(report, 'utf8')) as HostReport;
  } finally {
    await session.close();
    rmSync(folder, { recursive: true });
  }
}

async function bundleSuites(): Promise<void> {
  rmSync(BUNDLES, { recursive: true, force: true });
  const suites = readdirSync(HOST).filter((name) => name.endsWith('.suite.ts'));
  await build({
    entryPoints: ['index.ts', ...suites].map((name) => join(HOST, name)),
    outdir: BUNDLES,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}
