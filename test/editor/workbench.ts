import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { PROJECT, type Session } from './session';

/** How long the workbench may take to show what a step waits for, in milliseconds. */
const LIMIT = 60_000;

const SCREENSHOTS = join(PROJECT, 'test-results/screenshots');

/** The workbench as a person uses it: by mouse and keyboard, read from what is on the screen. */
export class Workbench {
  private readonly page: Page;
  /** The folder that is open. */
  readonly workspace: string;

  private constructor({ page, workspace }: Session) {
    this.page = page;
    this.workspace = workspace;
    page.setDefaultTimeout(LIMIT);
  }

  /** Waits until the workbench is drawn and its extension host has answered. */
  static async ready(session: Session): Promise<Workbench> {
    const { page } = session;
    const workbench = new Workbench(session);
    await page.locator('.monaco-workbench .statusbar-item').first().waitFor();
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
    return workbench;
  }

  /** Loads the window anew, once the editor has stored what the next one needs. */
  async reload(stored: string): Promise<void> {
    await vi.waitFor(
      async () => {
        if (!(await this.page.evaluate(storedState)).includes(stored)) {
          throw new Error(`The editor has not stored ${stored}`);
        }
      },
      { timeout: LIMIT, interval: 500 },
    );
    await this.page.reload();
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** Runs a command from the palette by its title, for example "Kernel Modules: Refresh". */
  async command(title: string): Promise<void> {
    // The palette lists what is there when it opens: it is opened again until the command is.
    await vi.waitFor(
      async () => {
        await this.page.keyboard.press('Escape');
        await this.page.keyboard.press('F1');
        await this.quickInput.fill(`>${title}`);
        await this.quickPick(title).click({ timeout: 2000 });
      },
      { timeout: LIMIT, interval: 500 },
    );
  }

  /** Opens a container of the activity bar by its title. */
  async openContainer(title: string): Promise<void> {
    await this.page.locator('.activitybar').getByRole('tab', { name: title }).click();
    await this.page.locator('.sidebar .composite.title', { hasText: title }).waitFor();
  }

  /** Drags the side bar's edge until it is that wide (pixels). */
  async widenSideBar(width: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    const edge = (box?.x ?? 0) + (box?.width ?? 0);
    await this.page.mouse.move(edge, 400);
    await this.page.mouse.down();
    await this.page.mouse.move((box?.x ?? 0) + width, 400, { steps: 5 });
    await this.page.mouse.up();
  }

  /** Clears away what stands before the workbench for a moment: notifications, the hover of a word. */
  async settle(): Promise<void> {
    await this.pointAway();
    await this.page.locator('.notification-toast').first().waitFor({ state: 'detached' });
  }

  /** Takes the mouse away from what would show a hover. */
  async pointAway(): Promise<void> {
    await this.page.mouse.move(1, 1);
    await this.page.locator('.monaco-hover:visible').first().waitFor({ state: 'detached' });
  }

  /** Opens a file of the workspace through Go to File. */
  async openFile(path: string): Promise<void> {
    await this.goToFile(path);
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /** Opens a module file of the workspace: its page is a webview. */
  async openModule(path: string): Promise<void> {
    await this.goToFile(path);
  }

  private async goToFile(path: string): Promise<void> {
    // A page that just got the focus does not pass keys on yet.
    await vi.waitFor(
      async () => {
        await this.page.keyboard.press('Control+P');
        await this.quickInput.fill(path, { timeout: 2000 });
      },
      { timeout: LIMIT, interval: 500 },
    );
    const name = path.split('/').at(-1) ?? path;
    await this.quickPick(name).click();
    await this.page.locator('.tabs-container .tab.active', { hasText: name }).waitFor();
  }

  /** How many elements of the window and of its webviews a selector finds. */
  async count(selector: string): Promise<number> {
    const counts = await Promise.all(this.page.frames().map((frame) => frame.locator(selector).count()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  // Side bar

  /** A view of the open container by its name. */
  view(name: string): Locator {
    return this.page
      .locator('.sidebar .pane')
      .filter({ has: this.page.locator('.pane-header .title').getByText(name, { exact: true }) });
  }

  /** A row of a view's tree, by the beginning of its label. */
  row(view: string, label: string | RegExp): Locator {
    return this.view(view)
      .locator('.monaco-list-row')
      .filter({ has: this.page.locator('.label-name').getByText(label, { exact: true }) });
  }

  /** What a view's tree shows, a line a row: label and description. */
  async rows(view: string): Promise<string[]> {
    const rows = await this.view(view).locator('.monaco-list-row').all();
    return Promise.all(
      rows.map(async (row) =>
        oneLine((await row.locator('.label-name, .label-description').allInnerTexts()).join(' ')),
      ),
    );
  }

  async expand(row: Locator): Promise<void> {
    const twistie = row.locator('.monaco-tl-twistie');
    if ((await row.getAttribute('aria-expanded')) !== 'true') {
      await twistie.click();
    }
  }

  /** What the tooltip of a row says. It is asked for with the keyboard, and so comes where it is waited for. */
  async tooltip(row: Locator): Promise<string> {
    const tooltip = this.page.locator('.monaco-hover:visible').first();
    await row.click();
    // One whose text the extension has yet to give says so until then.
    return vi.waitFor(
      async () => {
        await this.page.keyboard.press('Control+K');
        await this.page.keyboard.press('Control+I');
        await tooltip.waitFor({ timeout: 3000 });
        const text = oneLine(await tooltip.innerText({ timeout: 3000 }));
        expect(text).not.toMatch(/^(Loading\.\.\.)?$/);
        return text;
      },
      { timeout: LIMIT, interval: 500 },
    );
  }

  /** Presses a button that a row shows while the mouse is over it. */
  async rowAction(row: Locator, name: string): Promise<void> {
    await row.hover();
    await row.getByRole('button', { name }).click();
  }

  /** Takes an entry of a row's context menu. */
  async contextMenu(row: Locator, entry: string): Promise<void> {
    await row.click({ button: 'right' });
    const item = this.page.getByRole('menuitem', { name: entry, exact: true });
    // A menu that opens under the mouse takes no click at first.
    await vi.waitFor(
      async () => {
        await item.click({ timeout: 2000 });
        await item.waitFor({ state: 'hidden', timeout: 2000 });
      },
      { timeout: LIMIT, interval: 500 },
    );
  }

  /** Adds a row to the selection. */
  async select(row: Locator): Promise<void> {
    await row.click({ modifiers: ['Control'] });
  }

  /** The badge on a container of the activity bar. */
  badge(title: string): Locator {
    return this.page.locator(`.activitybar [role="tab"][aria-label^="${title}"] .badge-content`);
  }

  /** A button of a welcome view. */
  welcomeButton(view: string, name: string): Locator {
    return this.view(view).getByRole('button', { name });
  }

  // Questions

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-box input');
  }

  /** A button in the title of the open quick pick. */
  quickInputButton(name: string): Locator {
    return this.page
      .locator('.quick-input-widget:visible .quick-input-titlebar')
      .getByRole('button', { name });
  }

  /** An entry of the open quick pick. */
  quickPick(label: string): Locator {
    return this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.getByText(label, { exact: true }) })
      .first();
  }

  /** What the open quick pick lists, an entry a line: label, description and detail. */
  async quickPicks(): Promise<string[]> {
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    const rows = await this.page.locator('.quick-input-list .monaco-list-row').all();
    return Promise.all(
      rows.map(async (row) =>
        oneLine(
          (await row.locator('.quick-input-list-rows .label-name, .label-description').allInnerTexts()).join(
            ' ',
          ),
        ),
      ),
    );
  }

  /** What the open input box says of its value, or what it asks. */
  async quickInputMessage(): Promise<string> {
    return oneLine(await this.page.locator('.quick-input-widget:visible .quick-input-message').innerText());
  }

  /** The open modal dialog. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Answers the open input box. */
  async answer(text: string): Promise<void> {
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Trusts the workspace, in the open editor of workspace trust. */
  async trustWorkspace(): Promise<void> {
    await this.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .click();
  }

  // What the workbench says

  /** The text of the terminal that is shown. */
  async terminal(): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows > div');
    return (await rows.allInnerTexts()).map((line) => line.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  /** Opens the list of notifications: a newer editor shows no toast while it has no focus. */
  async openNotifications(): Promise<void> {
    await this.command('Notifications: Show Notifications');
  }

  /** An entry of the open list of notifications. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-center .notification-list-item').filter({ hasText: text });
  }

  /** Opens the list of notifications and waits for one that says something. */
  async told(text: string | RegExp): Promise<Locator> {
    await this.openNotifications();
    const notification = this.notification(text).first();
    await notification.waitFor();
    return notification;
  }

  /** An item of the status bar by the beginning of what a screen reader says of it. */
  statusBarItem(label: string): Locator {
    return this.page.locator(`.statusbar-item:has([aria-label^="${label}"])`);
  }

  /** The text of the output panel's visible lines. */
  async output(): Promise<string> {
    return (await this.page.locator('.part.panel .output-view .view-lines').innerText()).replaceAll(
      '\u00a0',
      ' ',
    );
  }

  // Problems

  async openProblems(): Promise<void> {
    await this.command('Problems: Focus on Problems View');
    await this.page.locator('.markers-panel').waitFor();
  }

  /** A row of the Problems view: a file or a problem. */
  problem(text: string | RegExp): Locator {
    return this.page.locator('.markers-panel .monaco-list-row').filter({ hasText: text });
  }

  // Editor

  /** What a selector finds in the webview that is shown. */
  webview(selector: string): Locator {
    return this.page
      .frameLocator('iframe.webview >> visible=true')
      .frameLocator('iframe#active-frame')
      .locator(selector);
  }

  /** A tab by the beginning of its name. */
  editorTab(name: string): Locator {
    return this.page.locator(
      `.tabs-container .tab:is([data-resource-name^="${name}"], [aria-label^="${name}"])`,
    );
  }

  /** The lines that the active editor shows, from the top. */
  async editorLines(): Promise<string[]> {
    const lines = await this.page.locator('.editor-instance .view-line').evaluateAll((elements) =>
      elements
        .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return lines.map((line) => line.replaceAll('\u00a0', ' '));
  }

  /** The line of the active editor that holds a text. */
  line(text: string): Locator {
    return this.page.locator('.editor-instance .view-line').filter({ hasText: nonBreaking(text) });
  }

  /** A code lens by its title. */
  codeLens(title: string): Locator {
    return this.page.locator('.editor-instance .codelens-decoration a').filter({ hasText: title });
  }

  /** Holds the mouse over a word of a line, and reads the hover that opens. */
  async hover(line: string, word: string): Promise<string> {
    const hover = this.page.locator('.monaco-hover:visible .hover-contents').first();
    // A code lens that comes late moves the line away from under the mouse.
    await vi.waitFor(
      async () => {
        await this.page.mouse.move(1, 1);
        const { x, y } = await this.line(line).first().evaluate(centreOfWord, word);
        await this.page.mouse.move(x, y);
        await hover.waitFor({ timeout: 3000 });
      },
      { timeout: LIMIT, interval: 500 },
    );
    return oneLine(await hover.innerText());
  }

  async goTo(line: number, column: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    await this.answer(`:${line}:${column}`);
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await this.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  /** A row of the suggest widget. */
  suggestion(label: string): Locator {
    return this.page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: label });
  }

  /** What the parameter hints say, once they are shown. */
  async signature(): Promise<string> {
    return oneLine(await this.page.locator('.parameter-hints-widget.visible').innerText());
  }

  /** An entry of the open list of quick fixes. */
  codeAction(title: RegExp): Locator {
    return this.page.locator('.action-widget .monaco-list-row.action').filter({ hasText: title }).first();
  }

  /** What the suggest widget says beside the row that has the focus. */
  async suggestionDetails(): Promise<string> {
    return oneLine(await this.page.locator('.suggest-details:visible').innerText());
  }

  async suggest(): Promise<void> {
    // A list that is asked for while the editor still draws what came before may be closed again.
    await vi.waitFor(
      async () => {
        await this.page.keyboard.press('Control+Space');
        await this.page
          .locator('.suggest-widget.visible .monaco-list-row')
          .first()
          .waitFor({ timeout: 3000 });
      },
      { timeout: LIMIT, interval: 500 },
    );
  }
}

/** Runs in the page: what the editor has stored of its windows, JSON in JSON without the backslashes of that. */
async function storedState(): Promise<string> {
  const answer = <Result>(request: IDBRequest<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error(String(request.error)));
    });
  const texts: string[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    if (name.startsWith('vscode-web-state-db-')) {
      const database = await answer(indexedDB.open(name));
      const items = await answer(database.transaction('ItemTable').objectStore('ItemTable').getAll());
      texts.push(...items.map((item: unknown) => String(item).replaceAll('\\', '')));
      database.close();
    }
  }
  return texts.join('\n');
}

/** Runs in the page: where a word is drawn, however many coloured pieces its line is cut into. */
function centreOfWord(line: Element, word: string): { x: number; y: number } {
  const range = document.createRange();
  const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const start = line.textContent.indexOf(word);
  let seen = 0;
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (start >= seen && start < seen + length) {
      range.setStart(node, start - seen);
      range.setEnd(node, Math.min(length, start - seen + word.length));
    }
    seen += length;
  }
  const { x, y, width, height } = range.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** The editor draws blanks as no-break spaces. */
const nonBreaking = (text: string): RegExp =>
  new RegExp(
    text
      .split(' ')
      .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[ \u00a0]'),
  );
