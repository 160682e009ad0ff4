/** Runs of a reader for one input that fails: what is smaller by then is small enough. */
const RUNS = 200;

/** A smaller input that fails in the same way: pieces are left out, ever smaller ones, while it still does. */
export async function minimised(
  input: Buffer,
  fails: (smaller: Buffer) => Promise<boolean>,
): Promise<Buffer> {
  let smallest = input;
  let left = RUNS;
  for (let piece = Math.ceil(input.length / 2); piece >= 1 && left > 0; piece = Math.floor(piece / 2)) {
    for (let at = 0; at < smallest.length && left > 0; left--) {
      const smaller = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + piece)]);
      if (await fails(smaller)) smallest = smaller;
      else at += piece;
    }
  }
  return smallest;
}
