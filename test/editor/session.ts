import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openPage } from '../../scripts/editorBrowser.mjs';
import { developmentExtension, startEditor, type Editor } from '../../scripts/editorHost.mjs';
import { EDITOR_UNDER_TEST, ensureEditor, type EditorInstall } from '../../scripts/editorInstall.mjs';
import { copySample } from '../../scripts/samples.mjs';
import { ensureBuild } from '../../scripts/setup.mjs';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The extension under test, as a development extension. */
export const EXTENSION = developmentExtension();

export interface SessionOptions {
  /** Files of the workspace: path -> content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Writes into the workspace what a text cannot say: links, pipes, programs. */
  readonly fill?: (workspace: string) => void;
  /** Folders of samples/ that are copied into the workspace. */
  readonly samples?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly trust?: 'trusted' | 'untrusted';
  readonly env?: Readonly<Record<string, string>>;
  /** Undefined: no development extension, only what `prepare` installs. */
  readonly developmentExtension?: string | undefined;
  /** A module whose run() the extension host calls. */
  readonly testsModule?: string;
  /** Called before the server starts, for example to install a package. */
  readonly prepare?: (editor: EditorFolders) => void;
}

interface EditorFolders {
  readonly install: EditorInstall;
  readonly dataDir: string;
  readonly extensionsDir: string;
}

/**
 * A tooltip whose text comes from the extension host may come after the mouse has left its row, and then stays for
 * good, before what a test looks at. The hover of a word of an editor has a delay of its own.
 */
const NO_TOOLTIPS = { 'workbench.hover.delay': 3_600_000 };

/** A VS Code with a workspace of its own, open in a Chromium. */
export interface Session {
  readonly editor: Editor;
  readonly page: Page;
  readonly workspace: string;
  /** What the page wrote to its console, for a failure's message. */
  readonly console: readonly string[];
  close(): Promise<void>;
}

/** Starts an editor and a browser, and opens a fresh workspace in them. Nothing of them outlives close(). */
export async function openSession(options: SessionOptions): Promise<Session> {
  const install = await ensureEditor(EDITOR_UNDER_TEST);
  if (options.developmentExtension === EXTENSION) {
    await ensureBuild();
  }
  const root = mkdtempSync(join(tmpdir(), 'kmod-editor-'));
  const workspace = join(root, 'workspace');
  const home = join(root, 'home');
  const folders = { install, dataDir: join(root, 'data'), extensionsDir: join(root, 'extensions') };
  const undo: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) {
      await step();
    }
  };
  try {
    mkdirSync(home);
    fillWorkspace(workspace, options);
    options.prepare?.(folders);
    const editor = await startEditor({
      ...folders,
      // Such an editor shows no modal dialog: it is one only where it must be.
      testDriver: options.developmentExtension !== undefined || options.testsModule !== undefined,
      trust: options.trust ?? 'trusted',
      settings: { ...NO_TOOLTIPS, ...options.settings },
      // The developer's own SSH configuration and known hosts stay out of the tests, and so does the network:
      // without a gallery the editor looks for no extensions. A server that was started from a command line keeps
      // its environment, and asks no login shell for another.
      env: { HOME: home, EXTENSIONS_GALLERY: '{}', VSCODE_CLI: '1', ...options.env },
    });
    undo.push(() => editor.close());
    const browser = await openPage();
    undo.push(() => browser.close());
    const { page } = browser;
    const console: string[] = [];
    page.on('console', (message) => console.push(message.text()));
    await page.goto(editor.url(workspace, payload(editor, options)));
    return { editor, page, workspace, console, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function fillWorkspace(workspace: string, { files = {}, samples = [], fill }: SessionOptions): void {
  mkdirSync(workspace);
  for (const sample of samples) {
    copySample(sample, join(workspace, sample));
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  fill?.(workspace);
}

function payload(editor: Editor, options: SessionOptions): Record<string, string> {
  return {
    skipWelcome: 'true',
    ...(options.developmentExtension === undefined
      ? {}
      : { extensionDevelopmentPath: editor.remote(options.developmentExtension) }),
    ...(options.testsModule === undefined ? {} : { extensionTestsPath: editor.remote(options.testsModule) }),
  };
}
