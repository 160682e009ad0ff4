import type { Locator, Page } from 'playwright-core';
import { again, STEP } from './patience';

/** The files of the workspace in the side bar, as a person clicks them. */
export class Explorer {
  constructor(private readonly page: Page) {}

  /** Clicks a file, below folders that are opened for it. @param path its last part may be a piece of the name */
  async open(path: string): Promise<void> {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    for (const [depth, folder] of parts.entries())
      await this.#expand(this.#row(folder, depth + 1, true), true);
    const tab = this.page.locator('.tabs-container .tab.active', { hasText: name });
    await again(async () => {
      await this.#row(name, parts.length + 1, false).click(STEP);
      await tab.waitFor(STEP);
    });
  }

  /** Folds every folder up. */
  async foldAll(): Promise<void> {
    const open = this.page.locator('.explorer-folders-view .monaco-list-row[aria-expanded="true"]');
    await again(async () => {
      await this.page.locator('.explorer-folders-view').hover(STEP);
      await this.page.getByRole('button', { name: 'Collapse Folders in Explorer' }).click(STEP);
      await open.first().waitFor({ state: 'detached', ...STEP });
    });
  }

  #row(name: string, level: number, exact: boolean): Locator {
    return this.page
      .locator(`.explorer-folders-view .monaco-list-row[aria-level="${level}"]`)
      .filter({ has: this.page.locator('.label-name').getByText(name, { exact }) })
      .first();
  }

  async #expand(row: Locator, expanded: boolean): Promise<void> {
    await again(async () => {
      if ((await row.getAttribute('aria-expanded', STEP)) !== String(expanded)) {
        await row.locator('.monaco-tl-twistie').click(STEP);
      }
      await row.and(this.page.locator(`[aria-expanded="${expanded}"]`)).waitFor(STEP);
    });
  }
}
