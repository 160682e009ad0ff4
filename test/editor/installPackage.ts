import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { installExtension } from '../../scripts/editorHost.mjs';
import { packageExtension } from '../../scripts/packageExtension.mjs';

/** Packages the extension, once a run, and installs it as a user does. @returns the folder it is installed in */
export function installPackage(folders: Parameters<typeof installExtension>[0]): string {
  const vsix = join(inject('packageDirectory'), 'kmod.vsix');
  if (!existsSync(vsix)) {
    packageExtension(vsix);
  }
  installExtension(folders, vsix);
  const name = readdirSync(folders.extensionsDir).find((entry) => entry.startsWith('vscode-kmod.'));
  if (name === undefined) {
    throw new Error(`The extension is not installed in ${folders.extensionsDir}`);
  }
  return join(folders.extensionsDir, name);
}
