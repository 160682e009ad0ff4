/** What is not known to be faster passes so many bytes a round trip: the window of dropbear. */
const WINDOW = 24 * 1024;

/** Bytes a millisecond: above it a target packs and unpacks no faster than the line passes the rest. */
const FAST = 6_000;

/** How fast the way to a target is, as far as it was seen. */
export class Link {
  /** Milliseconds of the fastest command there and back. */
  #trip = Infinity;
  /** Bytes a millisecond. */
  #rate: number | undefined;
  /** False: the target could not unpack what was sent to it. */
  unpacks = true;
  /** False: what its shell's printf made of data were not these data. */
  spells = true;

  /** A command that sent next to nothing took so many milliseconds. */
  saw(milliseconds: number): void {
    this.#trip = Math.min(this.#trip, milliseconds);
  }

  /** Many bytes took so many milliseconds. */
  passed(bytes: number, milliseconds: number): void {
    this.#rate = bytes / Math.max(1, milliseconds - this.#trip);
  }

  get isSlow(): boolean {
    return (this.#rate ?? WINDOW / this.#trip) < FAST;
  }
}
