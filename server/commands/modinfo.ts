import { moduleScanner } from '../../engine/files/moduleScanner';
import { ModinfoPrinter } from '../../kmod/modinfoText';
import { findSignature } from '../../kmod/signature';
import { absolutePath } from './paths';
import type { ModinfoQuery } from './modinfoQuery';
import type { Outcome, Print, System } from './system';

export interface ModinfoOptions {
  /** `-F`, `-p` ("parm"), `-n` ("filename"), …: only the values of this key. */
  readonly field?: string | undefined;
  /** `-0` */
  readonly nul: boolean;
  /** `-m`: every word is the name of a module, and neither a file nor an alias. */
  readonly onlyNames: boolean;
  /** Paths are those of this machine. */
  readonly isOwn: boolean;
}

/** Bytes that are printed at once. */
const CHUNK = 256 << 10;

/**
 * Prints what modinfo(8) prints of files, and of modules by their names and aliases.
 * @param openSystem is asked where a word takes more than to read a file
 */
export async function modinfo(
  openSystem: () => Promise<System>,
  modules: readonly string[],
  options: ModinfoOptions,
  print: Print,
): Promise<Outcome> {
  const printer = new ModinfoPrinter(options);
  const printAtOnce = printerAtOnce(printer);
  const readsAtOnce = options.isOwn && !options.onlyNames;
  const errors: string[] = [];
  let failed = false;
  let query: ModinfoQuery | undefined;
  for (const module of modules) {
    if (!(readsAtOnce && isFileName(module) && printAtOnce(absolutePath('', module)))) {
      query ??= new (await import('./modinfoQuery')).ModinfoQuery(await openSystem(), options, printer);
      const problems = await query.print(module);
      failed ||= problems.length > 0;
      errors.push(...printer.complaints.splice(0), ...problems);
    }
    errors.push(...printer.complaints.splice(0));
    if (printer.output.length >= CHUNK) await print(printer.output.take());
  }
  await print(printer.output.take());
  return {
    exitCode: failed ? 1 : 0,
    stderr: errors.map((text) => `modinfo: ERROR: ${text}\n`).join(''),
  };
}

/** By the name, as modinfo(8) decides: any other word is the name of a module. */
export function isFileName(module: string): boolean {
  return /\.ko(\.(gz|xz|zst))?$/.test(module);
}

/** For the thousands of files of a kernel. False: this takes longer, or fails; nothing is printed then. */
function printerAtOnce(printer: ModinfoPrinter): (path: string) => boolean {
  const scanner = moduleScanner();
  const { output } = printer;
  return (path) => {
    const { length } = output;
    try {
      if (!scanner.scan(path)) return false;
      const labels = { name: '', fileName: path, signature: findSignature(scanner.tail) };
      printer.print(scanner.memory, scanner.found.start, scanner.found.end, labels);
      return true;
    } catch {
      // Whatever it is, the longer way tells.
      output.length = length;
      return false;
    }
  };
}
