import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { Explorer } from './explorer';
import { noteClick, storedState, textsOfRows } from './inPage';
import { again, LIMIT, STEP } from './patience';
import { PROJECT, type Session } from './session';
import { TextEditor } from './textEditor';

const SCREENSHOTS = join(PROJECT, 'test-results/screenshots');

/** The workbench as a person uses it: by mouse and keyboard, read from what is on the screen. */
export class Workbench {
  private readonly page: Page;
  /** The folder that is open. */
  readonly workspace: string;
  /** The text editor that is shown. */
  readonly editor: TextEditor;
  /** The files in the side bar. */
  readonly explorer: Explorer;

  private constructor({ page, workspace }: Session) {
    this.page = page;
    this.workspace = workspace;
    this.editor = new TextEditor(page);
    this.explorer = new Explorer(page);
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
    await again(async () => {
      if (!(await this.page.evaluate(storedState)).includes(stored)) {
        throw new Error(`The editor has not stored ${stored}`);
      }
    });
    await this.page.reload();
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** Runs a command from the palette by its title, for example "Kernel Modules: Refresh". */
  async command(title: string): Promise<void> {
    const entry = this.quickPick(title);
    // The palette lists what is there when it opens: it is opened again until the command is.
    await again(async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
      await this.quickInput.fill(`>${title}`, STEP);
      await entry.click(STEP);
    });
    // What the command asks has the same box.
    await entry.waitFor({ state: 'hidden' });
  }

  /** Opens a container of the activity bar by its title. */
  async openContainer(title: string): Promise<void> {
    const open = this.page.locator('.sidebar .composite.title', { hasText: title });
    await again(async () => {
      // A second click would close it.
      if (!(await open.isVisible())) {
        await this.page.locator('.activitybar').getByRole('tab', { name: title }).click(STEP);
      }
      await open.waitFor(STEP);
    });
  }

  /** Drags the side bar's edge until it is that wide (pixels), or nearly so. */
  async widenSideBar(width: number): Promise<void> {
    const box = async (): Promise<{ x: number; width: number }> =>
      (await this.page.locator('.part.sidebar').boundingBox()) ?? { x: 0, width: 0 };
    await again(async () => {
      const { x, width: now } = await box();
      await this.page.mouse.move(x + now, 400);
      await this.page.mouse.down();
      await this.page.mouse.move(x + width, 400, { steps: 5 });
      await this.page.mouse.up();
      const { width: got } = await box();
      if (Math.abs(got - width) > 20) {
        throw new Error(`The side bar is ${got} pixels wide`);
      }
    });
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
    await again(async () => {
      await this.page.keyboard.press('Control+P');
      await this.quickInput.fill(path, STEP);
    });
    const name = basename(path);
    await this.quickPick(name).click();
    await this.page.locator('.tabs-container .tab.active', { hasText: name }).waitFor();
  }

  /** How many elements of the window and of its webviews a selector finds. */
  async count(selector: string): Promise<number> {
    const counts = await Promise.all(
      this.page.frames().map(async (frame) => {
        try {
          return await frame.locator(selector).count();
        } catch (error) {
          if (frame.isDetached()) {
            return 0;
          }
          throw error;
        }
      }),
    );
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

  /** What a view's tree shows at one moment, a line a row: label and description. */
  rows(view: string): Promise<string[]> {
    return this.view(view)
      .locator('.monaco-list-row')
      .evaluateAll(textsOfRows, '.label-name, .label-description');
  }

  async expand(row: Locator): Promise<void> {
    await this.makeExpanded(row, row.locator('.monaco-tl-twistie'), true);
  }

  /** Shows the tree of a view, or its header alone. */
  async unfold(view: string, open = true): Promise<void> {
    const header = this.view(view).locator('.pane-header');
    await this.makeExpanded(header, header, open);
  }

  private async makeExpanded(element: Locator, toggle: Locator, expanded: boolean): Promise<void> {
    await again(async () => {
      if ((await element.getAttribute('aria-expanded', STEP)) !== String(expanded)) {
        await toggle.click(STEP);
      }
      await element.and(this.page.locator(`[aria-expanded="${expanded}"]`)).waitFor(STEP);
    });
  }

  /** What the tooltip of a row says. It is asked for with the keyboard, and so comes where it is waited for. */
  async tooltip(row: Locator): Promise<string> {
    const tooltip = this.page.locator('.monaco-hover:visible').first();
    await row.click();
    // One whose text the extension has yet to give says so until then.
    return again(async () => {
      await this.page.keyboard.press('Control+K');
      await this.page.keyboard.press('Control+I');
      await tooltip.waitFor(STEP);
      const text = oneLine(await tooltip.innerText(STEP));
      expect(text).not.toMatch(/^(Loading\.\.\.)?$/);
      return text;
    });
  }

  /** Presses a button that a row shows while the mouse is over it. */
  async rowAction(row: Locator, name: string): Promise<void> {
    await this.pressButton(row.getByRole('button', { name }), name, () => row.hover(STEP));
  }

  /** Presses a button of a welcome view. */
  async pressWelcomeButton(view: string, name: string): Promise<void> {
    await this.pressButton(this.welcomeButton(view, name), name);
  }

  /** What is drawn anew between the press and the release of the mouse gets no click: then it is pressed again. */
  private async pressButton(
    button: Locator,
    name: string,
    approach: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    await again(async () => {
      await this.page.evaluate(noteClick);
      await approach();
      await button.click(STEP);
      const clicked = await this.page.evaluate(() => document.body.dataset['clicked']);
      if (clicked?.includes(name) !== true) {
        throw new Error(`The click on "${name}" went to "${clicked}"`);
      }
    });
  }

  /** Takes an entry of a row's context menu. */
  async contextMenu(row: Locator, entry: string): Promise<void> {
    await this.takeEntry(entry, () => row.click({ button: 'right', ...STEP }));
  }

  /** Takes an entry of the menu in the title of a view. */
  async titleMenu(view: string, entry: string): Promise<void> {
    const header = this.view(view).locator('.pane-header');
    await this.takeEntry(entry, async () => {
      await header.hover(STEP);
      await header.locator('.codicon-toolbar-more').click(STEP);
    });
  }

  private async takeEntry(entry: string, openMenu: () => Promise<void>): Promise<void> {
    const item = this.page.getByRole('menuitem', { name: entry, exact: true });
    let clicked = false;
    await again(async () => {
      if (!(await item.isVisible())) {
        if (clicked) {
          return;
        }
        // A menu closes when what it is about is drawn anew.
        await openMenu();
        await item.waitFor(STEP);
      }
      await item.click(STEP);
      clicked = true;
      // A menu that opens under the mouse takes no click at first.
      await item.waitFor({ state: 'hidden', timeout: 2000 });
    });
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

  /** The title of the open quick pick. */
  quickInputTitle(title: string): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-title', { hasText: title });
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

  /** What the open quick pick lists at one moment, an entry a line: label, description and detail. */
  async quickPicks(): Promise<string[]> {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    return rows.evaluateAll(textsOfRows, '.quick-input-list-rows .label-name, .label-description');
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

  /** Answers the editor's own file dialog with a file that is there. */
  async pickFile(title: string, path: string): Promise<void> {
    const open = this.quickInputTitle(title);
    await open.waitFor();
    // It takes what is typed once it has listed its folder, which it writes over what came before, and an answer once
    // it has listed the answer's.
    await again(async () => {
      if (!(await open.isVisible())) {
        return;
      }
      if ((await this.quickInput.inputValue(STEP)) !== path) {
        await this.quickInput.fill(path, STEP);
      }
      await this.quickPick(basename(path)).waitFor(STEP);
      await this.page.keyboard.press('Enter');
      await open.waitFor({ state: 'hidden', ...STEP });
    });
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

  /** Types a line into the terminal that is shown. */
  async typeInTerminal(text: string): Promise<void> {
    const terminal = this.page.locator('.terminal-wrapper.active .xterm-helper-textarea');
    await terminal.pressSequentially(text);
    await terminal.press('Enter');
  }

  /** Opens the list of notifications and waits for one that says something. */
  async told(text: string | RegExp): Promise<Locator> {
    const notification = this.page
      .locator('.notifications-center .notification-list-item')
      .filter({ hasText: text })
      .first();
    // The list closes with its last notification: the next one is not in it before it is opened again.
    // And a newer editor shows no toast while it has no focus.
    await again(async () => {
      await this.command('Notifications: Show Notifications');
      await notification.waitFor(STEP);
    });
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
    // While one tab takes another's place both may be there.
    return this.page
      .locator('iframe.webview')
      .filter({ visible: true })
      .last()
      .contentFrame()
      .locator('iframe#active-frame')
      .contentFrame()
      .locator(selector);
  }

  /** A tab by the beginning of its name. */
  editorTab(name: string): Locator {
    return this.page.locator(
      `.tabs-container .tab:is([data-resource-name^="${name}"], [aria-label^="${name}"])`,
    );
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
