const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const QUOTE = 0x27;
/** At the beginning it would make an option of the word. */
const DASH = 0x2d;

const isOctalDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x37;

/**
 * Any bytes as the one quoted word of which printf(1) makes them again (POSIX.1-2017, XCU printf): a NUL too, which
 * no argument can hold, and nothing but printable ASCII, whatever the shell's locale is.
 */
export function printfWord(data: Uint8Array): string {
  let word = '';
  data.forEach((byte, at) => {
    if (byte === PERCENT) {
      word += '%%';
    } else if (byte === BACKSLASH) {
      word += '\\\\';
    } else if (byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== DASH) {
      word += String.fromCharCode(byte);
    } else {
      const octal = byte.toString(8);
      // An octal escape ends after three digits, or before what is none.
      word += `\\${isOctalDigit(data[at + 1]) ? octal.padStart(3, '0') : octal}`;
    }
  });
  return `'${word}'`;
}
