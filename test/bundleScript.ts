import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** Makes a script, which imports the product's own TypeScript, one that Node runs. @returns its path */
export function bundleScript(directory: string, name: string, source: string): string {
  const script = join(directory, `${name}.ts`);
  const bundle = join(directory, `${name}.js`);
  writeFileSync(script, source);
  buildSync({
    entryPoints: [script],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    external: ['cpu-features'],
    loader: { '.node': 'empty' },
  });
  return bundle;
}
