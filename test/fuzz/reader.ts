/** A class of errors by which a reader refuses an input. */
type ErrorClass = abstract new (...args: never[]) => Error;

/** Makes an input of about so many bytes. */
export type Pump = (bytes: number) => Buffer;

/** A reader of what comes from outside, and what it is fuzzed with. */
export interface Reader {
  readonly name: string;
  /** Valid inputs, which mutations begin with. */
  readonly seeds: readonly Buffer[];
  /** Words that mean something to it. */
  readonly words: readonly string[];
  /** Inputs that grow, by their names: what once hurt, and what its format could hurt with. */
  readonly recipes?: Readonly<Record<string, Pump>>;
  /** Reads an input, all of it. */
  readonly run: (input: Buffer) => unknown;
  /** How it may refuse an input: every other error is a finding. */
  readonly refusals?: readonly ErrorClass[];
  /** Mutants and pumps, as a share of what other readers get; 1 unless given. Slow readers have less. */
  readonly share?: number;
  /** Bytes of the largest input; 256 KiB unless given. */
  readonly maxBytes?: number;
  /** Milliseconds of the processor for one input; 2,000 unless given. */
  readonly maxMilliseconds?: number;
  /** Mebibytes by which the process may grow for one input; 256 unless given. */
  readonly maxMebibytes?: number;
}

export const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\n') + '\n');
