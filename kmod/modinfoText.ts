import { ByteOutput } from './byteOutput';
import {
  mergeParameters,
  parseModinfo,
  type ModinfoEntry,
  type ModuleInfo,
  type ModuleParameter,
} from './modinfo';
import { partsOfSignature, type SignatureParts } from './signature';
import { decodeText, encodeText } from './text';

export interface ModinfoOptions {
  /** `-F`: only the values of this key, one a line. `-p` is the field "parm". */
  readonly field?: string | undefined;
  /** `-0`: what a NUL ends instead of a line feed; then also `key=value`. */
  readonly nul?: boolean;
}

/** What is told of a module beside its strings. */
interface Labels {
  readonly name: string;
  /** As modinfo was asked for it; undefined: the module is built in. */
  readonly fileName: string | undefined;
  readonly signature: SignatureParts | undefined;
}

const LINE_FEED = 0x0a;
const BLANK = 0x20;
const COLON = 0x3a;
const EQUALS = 0x3d;
const PARMTYPE = Buffer.from('parmtype');

/** The column of values. */
const COLUMN = 16;
/** Of a signature. */
const BYTES_PER_LINE = 20;
/** A string of one byte and its NUL become a line of 17 bytes; of longer strings less becomes of each byte. */
const MOST_OF_A_BYTE = 17;

/**
 * Prints modules as kmod's `modinfo` does (tools/modinfo.c, modinfo_do()), byte for byte. Those of a kernel come to
 * megabytes: bytes are copied from one memory to another, and few strings are made of them.
 */
export class ModinfoPrinter {
  readonly output = new ByteOutput();
  /** What modinfo says on stderr of the strings that it was to print. */
  readonly complaints: string[] = [];
  private readonly field: string | undefined;
  private readonly nul: boolean;
  private readonly lineEnd: string;
  /** Of the module that is being printed: where strings about parameters begin and end. */
  private readonly spans: number[] = [];
  /** What stands before values; undefined: they are not printed. */
  private readonly labels;
  /** The last signature: modules of a kernel differ in its bytes alone, and not in what is printed before them. */
  private signed: { readonly signer: Uint8Array; readonly head: Buffer } | undefined;

  constructor({ field, nul = false }: ModinfoOptions = {}) {
    const label = (key: string) =>
      field === undefined ? `${key}:`.padEnd(COLUMN) : field === key ? '' : undefined;
    const labelOrKey = (key: string) => (field === undefined && nul ? `${key}=` : label(key));
    this.field = field;
    this.nul = nul;
    this.lineEnd = nul ? '\0' : '\n';
    this.labels = {
      name: label('name'),
      fileName: label('filename'),
      parm: label('parm'),
      idType: labelOrKey('sig_id'),
      signer: labelOrKey('signer'),
      keyId: labelOrKey('sig_key'),
      hashAlgorithm: labelOrKey('sig_hashalgo'),
      signature: labelOrKey('signature'),
    };
  }

  /** Prints a module whose .modinfo section, `key=value` with NULs between them, is a part of a memory. */
  print(memory: Buffer, start: number, end: number, { name, fileName, signature }: Labels): void {
    const { labels, field } = this;
    this.spans.length = 0;
    if (fileName === undefined) this.line(labels.name, name);
    this.line(labels.fileName, fileName ?? '(builtin)');
    // Asked for that, modinfo looks no further.
    if (field === 'filename') return;
    if (field === undefined) this.strings(memory, start, end);
    else this.values(memory, start, end, field);
    if (signature !== undefined) this.signature(signature);
    if (this.spans.length > 0) this.parameters(memory);
  }

  printInfo(info: ModuleInfo, fileName: string | undefined): void {
    const memory = encodeText(info.entries.map(({ key, value }) => `${key}=${value}\0`).join(''));
    const signature = info.signature && partsOfSignature(info.signature);
    this.print(memory, 0, memory.length, { name: info.name, fileName, signature });
  }

  /**
   * Prints the strings, and keeps where those about parameters are. This loop is most of the work; what is called in it
   * V8 compiles as a part of it, and anew when a call is the first of its kind.
   */
  private strings(memory: Buffer, start: number, end: number): void {
    const { output, nul, spans } = this;
    output.reserve((end - start) * MOST_OF_A_BYTE + MOST_OF_A_BYTE);
    const { memory: printed } = output;
    let [at, line, string] = [output.length, output.length, start];
    let inKey = true;
    for (let index = start; index <= end; index++) {
      const byte = index < end ? memory[index] : 0;
      if (byte === 0) {
        // Else it is padding.
        if (index > string) {
          if (inKey) at = endKey(printed, line, at, nul);
          if (isParameter(memory, string, index)) {
            // They follow each other, with one NUL between them.
            if (spans.at(-1) === string - 1) spans[spans.length - 1] = index;
            else spans.push(string, index);
            at = line;
          } else {
            printed[at++] = nul ? 0 : LINE_FEED;
          }
        }
        line = at;
        string = index + 1;
        inKey = true;
      } else if (byte === EQUALS && inKey) {
        at = endKey(printed, line, at, nul);
        inKey = false;
      } else {
        printed[at++] = byte ?? 0;
      }
    }
    output.length = at;
  }

  private values(memory: Buffer, start: number, end: number, field: string): void {
    if (field === 'parm') this.spans.push(start, end);
    for (const { key, value } of entriesIn(memory, start, end)) {
      if (key === field && key !== 'parm') this.line('', value);
    }
  }

  private signature(parts: SignatureParts): void {
    const { output, labels } = this;
    if (this.signed?.signer === parts.signer) {
      output.bytes(this.signed.head);
    } else {
      const start = output.length;
      this.line(labels.idType, parts.idType);
      this.line(labels.signer, decodeText(parts.signer));
      if (labels.keyId !== undefined) this.hexLine(labels.keyId, parts.keyId);
      this.line(labels.hashAlgorithm, parts.hashAlgorithm);
      output.text(labels.signature ?? '');
      this.signed = { signer: parts.signer, head: Buffer.from(output.memory.subarray(start, output.length)) };
    }
    if (labels.signature !== undefined) this.hexLine('', parts.signature);
  }

  private parameters(memory: Buffer): void {
    const entries: ModinfoEntry[] = [];
    const { spans } = this;
    for (let index = 0; index < spans.length; index += 2) {
      for (const entry of entriesIn(memory, spans[index] ?? 0, spans[index + 1] ?? 0)) entries.push(entry);
    }
    for (const { key, value } of entries) {
      if ((key === 'parm' || key === 'parmtype') && !value.includes(':')) {
        this.complaints.push(`Found invalid "${key}=${value}": missing ':'`);
      }
    }
    const textOf = this.field === undefined ? parameterText : shortParameterText;
    for (const parameter of mergeParameters(entries).reverse()) {
      this.line(this.labels.parm, textOf(parameter));
    }
  }

  private line(label: string | undefined, value: string): void {
    if (label !== undefined) this.output.text(label + value + this.lineEnd);
  }

  private hexLine(label: string, bytes: Uint8Array): void {
    if (label !== '') this.output.text(label);
    this.output.hex(bytes, BYTES_PER_LINE);
    this.output.text(this.lineEnd);
  }
}

/** A parameter as modinfo prints it: `name:description (type)`, with one or both of the two. */
export function parameterText({ name, type, description }: ModuleParameter): string {
  if (description === undefined) {
    return `${name}:${type ?? ''}`;
  }
  return type === undefined ? `${name}:${description}` : `${name}:${description} (${type})`;
}

/** With -p and -F parm a parameter without description shows its type in brackets. */
function shortParameterText(parameter: ModuleParameter): string {
  return parameterText(parameter.description === undefined ? { ...parameter, description: '' } : parameter);
}

/** What `modinfo` prints of one module. encodeText gives its exact bytes. */
export function formatModinfo(
  info: ModuleInfo,
  { fileName, ...options }: ModinfoOptions & { readonly fileName?: string } = {},
): string {
  const printer = new ModinfoPrinter(options);
  printer.printInfo(info, fileName);
  return decodeText(printer.output.take());
}

/** modinfo's `%-*s` with a negative width fills to the left all the same. */
function endKey(printed: Buffer, line: number, keyEnd: number, nul: boolean): number {
  let at = keyEnd;
  printed[at++] = nul ? EQUALS : COLON;
  if (nul) return at;
  for (let blanks = Math.abs(COLUMN + line - at); blanks > 0; blanks--) printed[at++] = BLANK;
  return at;
}

/** Is its key `parm` or `parmtype`? */
function isParameter(memory: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && memory[at] === PARMTYPE[at - start]) at++;
  const length = at - start;
  return (length === 4 || length === PARMTYPE.length) && (at === end || memory[at] === EQUALS);
}

function entriesIn(memory: Buffer, start: number, end: number): ModinfoEntry[] {
  return parseModinfo(memory.subarray(start, end));
}
