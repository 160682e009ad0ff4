import type { Random } from './random';
import type { Pump, Reader } from './reader';

/** An input by its size; a mutant has one size only. */
export interface Family {
  readonly what: string;
  readonly grows: boolean;
  readonly make: Pump;
}

/** The recipes first, then as many generated inputs as are wanted: two pumps for three mutants. */
export function familyOf(reader: Reader, random: Random, index: number): Family {
  const recipes = Object.entries(reader.recipes ?? {});
  const recipe = recipes[index];
  if (recipe !== undefined) return { what: `recipe ${recipe[0]}`, grows: true, make: recipe[1] };
  return random.chance(0.4) ? pump(reader, random) : mutant(reader, random);
}

/** Where numbers and lengths go wrong. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** Characters that formats, shells and regular expressions care for. */
const CHARACTERS = [
  ...' \t\r\n\v\0\\"\'`,;:.=#$(){}[]<>*?+-_/@!|%&^~x0',
  '\u00a0',
  '\u202e',
  '\ufeff',
  '\ud83d\ude00',
  '\\\n',
  '\r\n',
  '/*',
  '*/',
];

/** A valid input with some things wrong. */
function mutant({ seeds, words, maxBytes = 256 << 10 }: Reader, random: Random): Family {
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  for (let count = 1 + random.below(6); count > 0; count--) {
    bytes = random.pick(CHANGES)(bytes, random, seeds, words).subarray(0, maxBytes);
  }
  return { what: 'mutant', grows: false, make: () => bytes };
}

type Change = (bytes: Buffer, random: Random, seeds: readonly Buffer[], words: readonly string[]) => Buffer;

const insert = (bytes: Buffer, at: number, piece: Uint8Array, replaced = 0): Buffer =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + replaced)]);

const slice = (bytes: Buffer, random: Random, most = 64): Buffer => {
  const start = random.below(bytes.length + 1);
  return bytes.subarray(start, start + 1 + random.below(most));
};

const CHANGES: readonly Change[] = [
  // Bits and bytes.
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  // A number at an aligned place, in either order of bytes.
  (bytes, random) => {
    const width = random.pick([2, 4, 8]);
    const at = random.below(Math.max(1, Math.floor(bytes.length / width))) * width;
    const value = random.chance(0.7) ? random.pick(EDGES) : bytes.length + random.below(16) - 8;
    for (let index = 0; index < width && at + index < bytes.length; index++) {
      const place = random.chance(0.5) ? index : width - 1 - index;
      bytes[at + index] = place < 4 ? (value >>> (8 * place)) & 0xff : 0;
    }
    return bytes;
  },
  // A number in a text.
  (bytes, random) => {
    const numbers = [...bytes.toString('latin1').matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const { 0: digits, index } = random.pick(numbers);
    const value = random.pick([
      '-1',
      '0',
      '65536',
      '4294967295',
      '9007199254740993',
      '1e308',
      '9'.repeat(400),
    ]);
    return insert(bytes, index, Buffer.from(value), digits.length);
  },
  // A cut, a removal, a copy, a splice.
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), Buffer.of(), 1 + random.below(32)),
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), slice(bytes, random, 256)),
  (bytes, random, seeds) => {
    const other = random.pick(seeds);
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
  // Words and characters that mean something.
  (bytes, random, _seeds, words) =>
    words.length === 0
      ? bytes
      : insert(bytes, random.below(bytes.length + 1), Buffer.from(random.pick(words)), random.below(4)),
  (bytes, random) =>
    insert(bytes, random.below(bytes.length + 1), Buffer.from(random.pick(CHARACTERS)), random.below(2)),
  // The same again and again.
  (bytes, random) => {
    const piece = random.chance(0.5) ? Buffer.from(random.pick(CHARACTERS)) : slice(bytes, random);
    return insert(bytes, random.below(bytes.length + 1), repeated(piece, 10 ** (1 + random.below(5))));
  },
  // Lines in another order.
  (bytes, random) => {
    const lines = bytes.toString('latin1').split('\n');
    const [line] = lines.splice(random.below(lines.length), 1);
    lines.splice(random.below(lines.length + 1), 0, line ?? '');
    return Buffer.from(lines.join('\n'), 'latin1');
  },
];

const repeated = (piece: Buffer, times: number): Buffer =>
  Buffer.alloc(Math.min(piece.length * times, 256 << 10), piece.length === 0 ? '\0' : piece);

/** A valid input, with one piece of it many times: time and memory must grow with the input, and no faster. */
function pump(reader: Reader, random: Random): Family {
  const seed = random.pick(reader.seeds);
  return random.pick([runOf, linesOf, linesOf, linesOfLists, linesOfLists])(seed, reader, random);
}

/** A character, a word or a slice many times, in the middle of a seed. */
function runOf(seed: Buffer, { words }: Reader, random: Random): Family {
  const piece = Buffer.concat(
    Array.from({ length: random.chance(0.7) ? 1 : 2 }, () =>
      random.chance(0.5)
        ? Buffer.from(random.pick(CHARACTERS))
        : words.length > 0 && random.chance(0.5)
          ? Buffer.from(random.pick(words))
          : slice(seed, random, 12),
    ),
  );
  const at = random.chance(0.6) ? betweenWords(seed, random) : random.below(seed.length + 1);
  // What follows decides whether a search goes back: often nothing, or what does not fit.
  const tail = random.pick([seed.subarray(at), Buffer.of(), Buffer.from('x\n'), Buffer.from('\0')]);
  const head = random.chance(0.8) ? seed.subarray(0, at) : Buffer.of();
  return {
    what: `run of ${JSON.stringify(piece.toString('latin1'))} at ${at}`,
    grows: true,
    make: (bytes) =>
      Buffer.concat([head, repeated(piece, Math.ceil(bytes / Math.max(1, piece.length))), tail]),
  };
}

function betweenWords(seed: Buffer, random: Random): number {
  const places = [...seed.toString('latin1').matchAll(/\b|(?<=\s)|$/g)];
  return random.pick(places).index;
}

/** Lines like one of a seed, whose words are numbered: each is another, or a chain of them. */
function linesOf(seed: Buffer, _reader: Reader, random: Random): Family {
  const lines = seed.toString('latin1').split('\n');
  const at = random.below(lines.length);
  const [head, tail] = [lines.slice(0, at).map(ended).join(''), lines.slice(at + 1).join('\n')];
  const line = numbered(random.chance(0.9) ? (lines[at] ?? '') : lines.join('\n'), random);
  return {
    what: `lines like ${JSON.stringify(line(0, 0))}`,
    grows: true,
    make: (bytes) => {
      const count = Math.ceil(bytes / (line(0, 0).length + 1));
      return Buffer.from(
        head + Array.from({ length: count }, (_, index) => ended(line(index, 0))).join('') + tail,
        'latin1',
      );
    },
  };
}

/** The same where a word of each line is a list: as many words as lines, or a few. */
function linesOfLists(seed: Buffer, reader: Reader, random: Random): Family {
  const lines = seed.toString('latin1').split('\n');
  const at = random.below(lines.length);
  const [head, tail] = [lines.slice(0, at).map(ended).join(''), lines.slice(at + 1).join('\n')];
  const words = (lines[at] ?? '').split(/(?<=[\s,=:])|(?=[\s,=:])/);
  const place = random.below(words.length);
  const separator = random.pick([' ', ' ', ',', '']);
  const given = words[place] ?? '';
  const word = numbered(
    reader.words.length > 0 && random.chance(0.2) ? random.pick(reader.words) : given,
    random,
    true,
  );
  const before = numbered(words.slice(0, place).join(''), random);
  const after = numbered(words.slice(place + 1).join(''), random);
  const few = random.chance(0.5) ? 1 + random.below(40) : undefined;
  return {
    what: `lines of lists like ${JSON.stringify(before(0, 0) + word(0, 1) + separator + word(0, 2) + after(0, 0))}`,
    grows: true,
    make: (bytes) => {
      const length = word(100, 100).length + separator.length;
      const count = few ?? Math.ceil(Math.sqrt(bytes / length));
      const list = (index: number) =>
        Array.from({ length: count }, (_, inner) => word(index, inner)).join(separator);
      const one = before(0, 0).length + after(0, 0).length + count * length + 1;
      return Buffer.from(
        head +
          Array.from({ length: Math.max(1, Math.floor(bytes / one)) }, (_, index) =>
            ended(before(index, 0) + list(index) + after(index, 0)),
          ).join('') +
          tail,
        'latin1',
      );
    },
  };
}

const ended = (line: string): string => `${line}\n`;

/** Some words of a text get the number of their line, of the next one, or of their place in a list. */
function numbered(line: string, random: Random, inList = false): (index: number, inner: number) => string {
  const parts = line.split(/(\w+)/);
  const numbers = parts.map((_, at): ((index: number, inner: number) => number) | undefined =>
    at % 2 === 0 || random.chance(0.4)
      ? undefined
      : random.pick([
          (index: number) => index,
          (index: number) => index,
          (index: number) => index + 1,
          ...(inList
            ? [(_index: number, inner: number) => inner, (index: number, inner: number) => index + inner]
            : []),
        ]),
  );
  return (index, inner) => parts.map((part, at) => part + (numbers[at]?.(index, inner) ?? '')).join('');
}
