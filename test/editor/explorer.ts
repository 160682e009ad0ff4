import type { Locator, Page } from 'playwright-core';
import { again, STEP } from './patience';

/** The files of the workspace in the side bar, as a person clicks them. */
export class Explorer {
  /** The one whose files are shown. */
  #folder = '';

  constructor(private readonly page: Page) {}

  /** Clicks a file, below folders that are opened for it. @param path its last part may be a piece of the name */
  async open(path: string): Promise<void> {
    const folders = path.split('/');
    const name = folders.pop() ?? '';
    const folder = folders.join('/');
    if (folder !== this.#folder) {
      // Rows are told by name and depth: files of the same name shall not be there twice.
      await this.#foldAll();
      this.#folder = folder;
    }
    for (const [depth, each] of folders.entries()) {
      await this.#expand(this.#row(each, depth + 1, true));
    }
    const place = this.page.locator('.breadcrumbs-below-tabs .monaco-breadcrumb-item');
    await again(async () => {
      await this.#row(name, folders.length + 1, false).click(STEP);
      await this.page.locator('.tabs-container .tab.active', { hasText: name }).waitFor(STEP);
      const shown = (await place.allInnerTexts()).slice(0, folders.length).join('/');
      if (shown !== folder) throw new Error(`A file of ${shown} is shown`);
    });
  }

  async #foldAll(): Promise<void> {
    const expanded = this.page.locator('.explorer-folders-view .monaco-list-row[aria-expanded="true"]');
    await again(async () => {
      await this.page.locator('.explorer-folders-view').hover(STEP);
      await this.page.getByRole('button', { name: 'Collapse Folders in Explorer' }).click(STEP);
      await expanded.first().waitFor({ state: 'detached', ...STEP });
    });
  }

  #row(name: string, level: number, exact: boolean): Locator {
    return this.page
      .locator(`.explorer-folders-view .monaco-list-row[aria-level="${level}"]`)
      .filter({ has: this.page.locator('.label-name').getByText(name, { exact }) })
      .first();
  }

  async #expand(row: Locator): Promise<void> {
    await again(async () => {
      if ((await row.getAttribute('aria-expanded', STEP)) !== 'true') {
        await row.locator('.monaco-tl-twistie').click(STEP);
      }
      await row.and(this.page.locator('[aria-expanded="true"]')).waitFor(STEP);
    });
  }
}
