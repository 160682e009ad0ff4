/** Cuts a text that comes in pieces into lines, in time linear in its length. */
export class LineReader {
  #begun = '';

  /**
   * @param limit Characters of a line that are kept: the end of a longer one is dropped.
   * @param onLine is handed each line without its end
   */
  constructor(
    private readonly limit: number,
    private readonly onLine: (line: string) => void,
  ) {}

  push(piece: string): void {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      this.#keep(piece, start, end);
      this.#tell();
      start = end + 1;
    }
    this.#keep(piece, start, piece.length);
  }

  /** A last line may have no end. */
  end(): void {
    if (this.#begun !== '') {
      this.#tell();
    }
  }

  #keep(piece: string, start: number, end: number): void {
    const room = this.limit - this.#begun.length;
    if (room > 0 && end > start) {
      this.#begun += piece.slice(start, Math.min(end, start + room));
    }
  }

  #tell(): void {
    const line = this.#begun;
    this.#begun = '';
    this.onLine(line);
  }
}
