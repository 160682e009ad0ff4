/** Characters that are kept: a crash with its call traces fits many times. */
const CAPACITY = 256 * 1024;

/** The end of what a serial console printed: bounded, however much a kernel prints. */
export class SerialConsole {
  #text = '';
  #line = '';

  /** Called with each whole line, without its end. */
  onLine: ((line: string) => void) | undefined;

  write(chunk: string): void {
    this.#text = (this.#text + chunk).slice(-CAPACITY);
    const lines = (this.#line + chunk).split('\n');
    this.#line = (lines.pop() ?? '').slice(-CAPACITY);
    for (const line of lines) {
      this.onLine?.(line.replace(/\r$/, ''));
    }
  }

  get text(): string {
    return this.#text;
  }

  /** What the kernel says when it panics. */
  get panic(): string | undefined {
    return /Kernel panic - not syncing: [^\r\n]*/.exec(this.#text)?.[0];
  }
}
