import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installExtension } from '../../scripts/editorHost.mjs';
import { packageExtension } from '../../scripts/packageExtension.mjs';

/** Packages the extension and installs it as a user does. @returns the folder it is installed in */
export function installPackage(folders: Parameters<typeof installExtension>[0]): string {
  const folder = mkdtempSync(join(tmpdir(), 'kmod-vsix-'));
  try {
    const vsix = join(folder, 'kmod.vsix');
    packageExtension(vsix);
    installExtension(folders, vsix);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const name = readdirSync(folders.extensionsDir).find((entry) => entry.startsWith('vscode-kmod.'));
  if (name === undefined) {
    throw new Error(`The extension is not installed in ${folders.extensionsDir}`);
  }
  return join(folders.extensionsDir, name);
}
