// Opens a VS Code with the extension and the samples, in a browser.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { developmentExtension, startEditor } from './editorHost.mjs';
import { EDITOR_FLOOR, ensureEditor } from './editorInstall.mjs';
import { copySample } from './samples.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const EDITOR = join(ROOT, '.cache/editor');
const WORKSPACE = join(ROOT, '.cache/workspace');

/** The file that is open at the start: it belongs to the extension, so that the extension starts with it. */
const FIRST_FILE = 'modprobe.d/hello.conf';

/**
 * Starts a VS Code server with the extension, says where it is, and ends it when this process is told to
 * end (Ctrl+C). The scratch kernel starts with the workspace.
 * @returns {Promise<void>} When all has ended.
 */
export async function openEditor() {
  const install = await ensureEditor(EDITOR_FLOOR);
  fillWorkspace();
  const editor = await startEditor({
    install,
    dataDir: join(EDITOR, 'data'),
    extensionsDir: join(EDITOR, 'extensions'),
  });
  const url = editor.url(WORKSPACE, {
    extensionDevelopmentPath: editor.remote(developmentExtension()),
    openFile: editor.remote(join(WORKSPACE, FIRST_FILE)),
    skipWelcome: 'true',
  });
  console.log(`\nVS Code ${install.version} with the samples, for a browser on this machine:\n\n  ${url}\n`);
  if (hasDisplay() && isOnPath('code')) {
    console.log(`Or in your own VS Code:\n\n  code --extensionDevelopmentPath='${ROOT}' '${WORKSPACE}'\n`);
  }
  console.log('Ctrl+C ends it.');
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    void editor.ended.then(resolve);
  });
  await editor.close();
}

/** A copy of the samples to play with: what was changed in it stays, what is missing comes back. */
function fillWorkspace() {
  mkdirSync(join(WORKSPACE, '.vscode'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'samples'))) {
    copySample(name, join(WORKSPACE, name));
  }
  const settings = join(WORKSPACE, '.vscode/settings.json');
  if (!existsSync(settings)) {
    writeFileSync(settings, `${JSON.stringify({ 'kmod.autoConnect': 'scratch' }, undefined, 2)}\n`);
  }
}

const hasDisplay = () => process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;

/** @type {(program: string) => boolean} */
const isOnPath = (program) =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
