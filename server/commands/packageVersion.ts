import { join } from 'node:path';
import { OWN_FILE } from '../../engine/files/limits';
import { readRegularFileSync } from '../../engine/files/regularFile';

/** Of the package that dist/ lies in. */
export function packageVersion(): string {
  const manifest = readRegularFileSync(join(__dirname, '../package.json'), OWN_FILE).toString('utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
