import type { Locator, Page } from 'playwright-core';
import { centreOfWord } from './inPage';
import { again, STEP } from './patience';

/** The text editor that is shown, as a person uses it. */
export class TextEditor {
  constructor(private readonly page: Page) {}

  /** The lines that it shows, from the top. */
  async lines(): Promise<string[]> {
    const lines = await this.page.locator('.editor-instance .view-line').evaluateAll((elements) =>
      elements
        .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return lines.map((line) => line.replaceAll('\u00a0', ' '));
  }

  /** The line that holds a text. */
  line(text: string): Locator {
    return this.page.locator('.editor-instance .view-line').filter({ hasText: nonBreaking(text) });
  }

  /** A code lens by its title. */
  codeLens(title: string): Locator {
    return this.page.locator('.editor-instance .codelens-decoration a').filter({ hasText: title });
  }

  /** Holds the mouse over a word of a line until the hover says something, and reads all of it. */
  hover(line: string, word: string, wanted: string): Promise<string> {
    const hover = this.page
      .locator('.monaco-hover:visible .hover-contents')
      .filter({ hasText: wanted })
      .first();
    // A code lens that comes late moves the line away from under the mouse.
    return again(async () => {
      await this.page.mouse.move(1, 1);
      const { x, y } = await this.line(line).first().evaluate(centreOfWord, word, STEP);
      await this.page.mouse.move(x, y);
      await hover.waitFor(STEP);
      return oneLine(await hover.innerText(STEP));
    });
  }

  async goTo(line: number, column: number): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    // The column of a line that is shorter is another one.
    const answer = this.page.locator('.quick-input-list .monaco-list-row', { hasText: `Go to line ${line}` });
    await again(async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('Control+G');
      await input.fill(`:${line}:${column}`, STEP);
      // An Enter before that is lost.
      await answer.waitFor(STEP);
      await this.page.keyboard.press('Enter');
      await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden', ...STEP });
    });
    await this.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  }

  /** Asks for suggestions until there are any. */
  async suggest(): Promise<void> {
    // A list that is asked for while the editor still draws what came before may be closed again.
    await this.ask('Control+Space', this.page.locator('.suggest-widget.visible .monaco-list-row').first());
  }

  /** A row of the suggest widget. */
  suggestion(label: string): Locator {
    return this.page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: label });
  }

  /** What the suggest widget says beside the row that has the focus. */
  async suggestionDetails(): Promise<string> {
    return oneLine(await this.page.locator('.suggest-details:visible').innerText());
  }

  /** Asks for parameter hints until there are any, and reads them. */
  async signature(): Promise<string> {
    const hints = this.page.locator('.parameter-hints-widget.visible');
    await this.ask('Control+Shift+Space', hints);
    return oneLine(await hints.innerText());
  }

  /** Asks for quick fixes until there is one of that title. */
  async quickFix(title: RegExp): Promise<void> {
    const fixes = this.page.locator('.action-widget .monaco-list-row.action');
    await this.ask('Control+.', fixes.filter({ hasText: title }).first());
  }

  private async ask(key: string, answer: Locator): Promise<void> {
    await again(async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press(key);
      await answer.waitFor(STEP);
    });
  }
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
