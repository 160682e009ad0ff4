// The .vsix, and beside it the list of what is in it: npm run package -- [--out FILE].
import { copyFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const { values } = parseArgs({ options: { out: { type: 'string', short: 'o' } } });
const vsix = values.out ?? `${name}-${version}.vsix`;
await createVSIX({
  packagePath: vsix,
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
copyFileSync('dist/sbom.cdx.json', `${vsix.replace(/\.vsix$/, '')}.cdx.json`);
