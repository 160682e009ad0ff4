/** Commands of RFC 854, and options of RFC 856 to 858. */
const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;
const BINARY = 0;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;

const CR = 13;
const NUL = 0;

/** What a terminal server may do: print what is typed, and pass each byte as it is. */
const THEIRS: readonly number[] = [BINARY, ECHO, SUPPRESS_GO_AHEAD];
const OURS: readonly number[] = [BINARY, SUPPRESS_GO_AHEAD];

const isNegotiation = (byte: number): boolean => byte >= WILL && byte <= DONT;

/**
 * This end of a connection to a terminal server, which speaks telnet when it begins with an option, as ser2net and
 * QEMU do: else all bytes are the console's, in both directions.
 */
export class Telnet {
  /** What came before it is known which it is. */
  #begin: Buffer | undefined = Buffer.alloc(0);
  #speaks = false;
  #expects: 'data' | 'command' | 'option' | 'subnegotiation' | 'its end' = 'data';
  #command = 0;
  #afterReturn = false;
  readonly #theirs = new Set<number>();
  readonly #ours = new Set<number>();

  /** @param answer sends what is said to the server itself */
  constructor(private readonly answer: (bytes: Buffer) => void) {}

  /** What the console printed of what came. */
  take(chunk: Buffer): Buffer {
    const bytes = this.#begin === undefined ? chunk : Buffer.concat([this.#begin, chunk]);
    const [first, second] = bytes;
    if (this.#begin !== undefined && (first === undefined || (first === IAC && second === undefined))) {
      this.#begin = bytes;
      return Buffer.alloc(0);
    }
    if (this.#begin !== undefined) {
      this.#begin = undefined;
      this.#speaks = first === IAC && second !== undefined && isNegotiation(second);
    }
    return this.#speaks ? Buffer.from([...bytes].filter((byte) => this.#isData(byte))) : bytes;
  }

  /** What is sent for what is typed. */
  typed(text: string): string {
    // UTF-8 has no byte that would be a command.
    return this.#speaks && !this.#ours.has(BINARY) ? text.replaceAll(/\r\n?/g, '\r\0') : text;
  }

  #isData(byte: number): boolean {
    switch (this.#expects) {
      case 'data': {
        const isPadding = this.#afterReturn && byte === NUL && !this.#theirs.has(BINARY);
        this.#afterReturn = byte === CR;
        if (byte === IAC) {
          this.#expects = 'command';
        }
        return byte !== IAC && !isPadding;
      }
      case 'command':
        this.#command = byte;
        this.#expects = byte === SB ? 'subnegotiation' : isNegotiation(byte) ? 'option' : 'data';
        return byte === IAC;
      case 'option':
        this.#expects = 'data';
        this.#negotiate(byte);
        return false;
      case 'subnegotiation':
        this.#expects = byte === IAC ? 'its end' : 'subnegotiation';
        return false;
      case 'its end':
        this.#expects = byte === SE ? 'data' : 'subnegotiation';
        return false;
    }
  }

  /** Only a change is answered, so that two ends never answer each other for ever. */
  #negotiate(option: number): void {
    const isTheirs = this.#command === WILL || this.#command === WONT;
    const [on, wanted] = isTheirs ? [this.#theirs, THEIRS] : [this.#ours, OURS];
    const [agree, refuse] = isTheirs ? [DO, DONT] : [WILL, WONT];
    if (this.#command === WONT || this.#command === DONT) {
      if (on.delete(option)) {
        this.answer(Buffer.from([IAC, refuse, option]));
      }
    } else if (!wanted.includes(option)) {
      this.answer(Buffer.from([IAC, refuse, option]));
    } else if (!on.has(option)) {
      on.add(option);
      this.answer(Buffer.from([IAC, agree, option]));
    }
  }
}
