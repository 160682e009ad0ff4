import { architectureName } from './architecture';
import { bufferOf, FieldReader, sourceOf, type ByteSource } from './bytes';
import { decompress } from './compressed';
import {
  checkSections,
  ElfError,
  findSection,
  readElfHeaders,
  readPart,
  sectionName,
  type ElfHeaders,
} from './elfHeaders';
import { moduleNameOfPath, normalizeModuleName } from './name';
import { isSigned, readSignature } from './signature';
import { decodeText } from './text';

/** One `key=value` string of a module's .modinfo section. */
export interface ModinfoEntry {
  readonly key: string;
  readonly value: string;
}

/** A module parameter: its `parm` and `parmtype` strings merged by name (include/linux/moduleparam.h). */
export interface ModuleParameter {
  readonly name: string;
  /** The text of `parmtype`: int, bool, charp, "array of int", … */
  readonly type?: string;
  /** The text of MODULE_PARM_DESC. */
  readonly description?: string;
}

/** The signature at the end of a module file (kernel/module_signature.h), as modinfo tells it. */
export interface ModuleSignature {
  /** "PKCS#7", "X509" or "PGP". */
  readonly idType: string;
  readonly signer: string;
  /** Upper-case hex, bytes separated by ':'. */
  readonly keyId: string;
  readonly hashAlgorithm: string;
  /** Upper-case hex, bytes separated by ':'. */
  readonly signature: string;
}

/**
 * What a module says of itself. Plain JSON: it crosses the language server's connection as it is,
 * and a module's bytes never do.
 */
export interface ModuleInfo {
  /** The module's name, with `_` for `-`. */
  readonly name: string;
  /** Every .modinfo string in file order, `parm` and `parmtype` included. */
  readonly entries: readonly ModinfoEntry[];
  /** In order of first appearance in .modinfo. */
  readonly parameters: readonly ModuleParameter[];
  /** The file ends with a signature. */
  readonly signed?: true;
  /** Absent also where the file is signed, and modinfo makes nothing of it. */
  readonly signature?: ModuleSignature;
  /** The GNU build-id note as lower-case hex; absent in built-in modules and in files without one. */
  readonly buildId?: string;
  /** e_machine by the kernel's name ("x86_64", "aarch64", …); absent for built-in modules. */
  readonly architecture?: string;
}

/** The first value of a modinfo key, for example `license`. */
export function firstValue(info: ModuleInfo, key: string): string | undefined {
  return info.entries.find((entry) => entry.key === key)?.value;
}

/** All values of a modinfo key in file order, for example `alias`. */
export function allValues(info: ModuleInfo, key: string): string[] {
  return info.entries.filter((entry) => entry.key === key).map((entry) => entry.value);
}

/** A module file, read: its ModuleInfo, and what else the kernel looks at before it takes the module. */
export interface ModuleFile {
  readonly info: ModuleInfo;
  readonly bits: 32 | 64;
  /** The module carries symbol CRCs (CONFIG_MODVERSIONS): the kernel then compares less of the vermagic. */
  readonly hasCrcs: boolean;
}

const MODINFO = sectionName('.modinfo');
const BUILD_ID = sectionName('.note.gnu.build-id');
/** The largest of Linux 6.1 takes 76 kB, and has less than 2,000 strings: what holds more is made to. */
const MAX_MODINFO = 1 << 20;
const MAX_STRINGS = 1 << 15;
const CRCS = [sectionName('__versions'), sectionName('__version_ext_crcs')];

/**
 * Reads a .ko, .ko.gz, .ko.xz or .ko.zst, by its content, not its name. The file name (a path will do) names
 * modules built before Linux 4.13, which do not name themselves.
 * @throws ElfError, CompressedError
 */
export async function readModuleFile(bytes: Uint8Array, fileName: string): Promise<ModuleFile> {
  return inspectModule(sourceOf(await decompress(bytes)), fileName);
}

/** The same of an uncompressed module, of which no more is read than that takes. @throws ElfError, EndOfBytesError */
export function inspectModule(source: ByteSource, fileName: string): ModuleFile {
  const headers = readElfHeaders(source);
  checkSections(headers, source.size);
  return {
    info: readInfo(source, headers, fileName),
    bits: headers.bits,
    hasCrcs: CRCS.some((name) => findSection(headers, name) !== undefined),
  };
}

/** What a module file says of itself. @throws ElfError, CompressedError */
export async function readModuleInfo(bytes: Uint8Array, fileName: string): Promise<ModuleInfo> {
  return (await readModuleFile(bytes, fileName)).info;
}

/**
 * What modinfo tells of an uncompressed module: without build-id and architecture. Reads the bytes that it needs and
 * no others, a few kilobytes at the start and at the end of the file: over Windows that is two or three reads.
 * @throws ElfError, EndOfBytesError
 */
export function scanModuleInfo(source: ByteSource, fileName: string): ModuleInfo {
  const info = moduleInfoOfEntries(parseModinfo(findModinfo(source)), moduleNameOfPath(fileName));
  if (!isSigned(source)) return info;
  const signature = readSignature(source);
  return { ...info, signed: true, ...(signature === undefined ? {} : { signature }) };
}

/** The .modinfo section: `key=value` strings with NULs between them. @throws ElfError, EndOfBytesError */
export function findModinfo(source: ByteSource): Buffer {
  const section = findSection(readElfHeaders(source), MODINFO);
  if (section === undefined) throw new ElfError('no .modinfo section: not a kernel module');
  if (section.size > MAX_MODINFO) throw new ElfError(`.modinfo takes more than ${MAX_MODINFO} bytes`);
  return bufferOf(readPart(source, section, '.modinfo'));
}

/** The strings of a .modinfo section. @throws ElfError where they are too many */
export function parseModinfo(section: Uint8Array): ModinfoEntry[] {
  const strings = splitAtNul(decodeText(section), MAX_STRINGS + 1);
  if (strings.length > MAX_STRINGS) throw new ElfError(`.modinfo holds more than ${MAX_STRINGS} strings`);
  return strings.map(parseEntry);
}

/** All of it, as readModuleFile gives it, of an uncompressed module. @throws ElfError */
export function readInfo(source: ByteSource, headers: ElfHeaders, fileName: string): ModuleInfo {
  const buildId = readBuildId(source, headers);
  return {
    ...scanModuleInfo(source, fileName),
    ...(buildId === undefined ? {} : { buildId }),
    architecture: architectureName(headers.machine, headers.bits, headers.byteOrder),
  };
}

/** The ModuleInfo of .modinfo strings; `fallbackName` is the module's name where they do not tell it. */
export function moduleInfoOfEntries(entries: readonly ModinfoEntry[], fallbackName: string): ModuleInfo {
  const name = entries.find((entry) => entry.key === 'name')?.value;
  return { name: normalizeModuleName(name ?? fallbackName), entries, parameters: mergeParameters(entries) };
}

/** A `key=value` string of .modinfo; without '=' it is all key. */
export function parseEntry(text: string): ModinfoEntry {
  const equals = text.indexOf('=');
  return equals < 0
    ? { key: text, value: '' }
    : { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** The NUL-terminated strings of a section or file, empty ones left out (they are padding). */
function splitAtNul(text: string, limit: number): string[] {
  const strings: string[] = [];
  for (let start = 0; start < text.length && strings.length < limit;) {
    const nul = text.indexOf('\0', start);
    const end = nul < 0 ? text.length : nul;
    if (end > start) strings.push(text.slice(start, end));
    start = end + 1;
  }
  return strings;
}

/** What `parm` and `parmtype` tell, in order of first appearance. */
export function mergeParameters(entries: readonly ModinfoEntry[]): ModuleParameter[] {
  const parameters = new Map<string, { name: string; type?: string; description?: string }>();
  for (const { key, value } of entries) {
    const colon = value.indexOf(':');
    if ((key === 'parm' || key === 'parmtype') && colon >= 0) {
      const name = value.slice(0, colon);
      const parameter = parameters.get(name) ?? { name };
      parameter[key === 'parm' ? 'description' : 'type'] = value.slice(colon + 1);
      parameters.set(name, parameter);
    }
  }
  return [...parameters.values()];
}

const NT_GNU_BUILD_ID = 3;

/** A build-id takes 20 bytes, or some more. */
const MAX_NOTE = 1 << 10;

function readBuildId(source: ByteSource, headers: ElfHeaders): string | undefined {
  const section = findSection(headers, BUILD_ID);
  if (section === undefined || section.size < 16 || section.size > MAX_NOTE) {
    return undefined;
  }
  const note = readPart(source, section, 'the build-id');
  const fields = new FieldReader(note, headers.byteOrder, headers.bits);
  const [nameSize, size, type] = [fields.word(0), fields.word(4), fields.word(8)];
  const isBuildId =
    nameSize === 4 && type === NT_GNU_BUILD_ID && decodeText(note.subarray(12, 16)) === 'GNU\0';
  return isBuildId && size <= note.length - 16
    ? Buffer.from(note.subarray(16, 16 + size)).toString('hex')
    : undefined;
}
