// What runs in the page, and knows nothing of what stands beside it.

/** What the editor has stored of its windows, JSON in JSON without the backslashes of that. */
export async function storedState(): Promise<string> {
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

/** It will tell of the next click which button got it. */
export function noteClick(): void {
  delete document.body.dataset['clicked'];
  const note = ({ target }: Event): void => {
    const button = (target as Element).closest('[role="button"], a, button');
    document.body.dataset['clicked'] = button?.getAttribute('aria-label') ?? button?.textContent ?? '';
  };
  document.addEventListener('click', note, { capture: true, once: true });
}

/** The texts of the rows of a list, from the top. A list draws them in any order. */
export function textsOfRows(rows: Element[], parts: string): string[] {
  return rows
    .map((row) => ({
      index: Number(row.getAttribute('data-index')),
      texts: [...row.querySelectorAll<HTMLElement>(parts)].map((part) => part.innerText),
    }))
    .sort((a, b) => a.index - b.index)
    .map(({ texts }) => texts.join(' ').replaceAll(/\s+/g, ' ').trim());
}

/** Where a word is drawn, however many coloured pieces its line is cut into. */
export function centreOfWord(line: Element, word: string): { x: number; y: number } {
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
