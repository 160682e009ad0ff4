import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The documentation comes with the package: dist/ and this folder stand beside it. */
const DOCS = pathToFileURL(join(__dirname, '../docs')).href;

/** The page that explains a diagnostic: docs/DIRECTORY/CODE.md. */
export const pageOf = (directory: 'diagnostics' | 'c-diagnostics', code: string): string =>
  `${DOCS}/${directory}/${code}.md`;
