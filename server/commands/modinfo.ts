import { closeSync, constants, openSync, readSync } from 'node:fs';
import { ModuleLookup, type FoundModule } from '../../kmod/config/lookup';
import { findModinfo, moduleInfoOfEntries, type ModuleInfo } from '../../kmod/modinfo';
import { createModinfoScanner } from '../../kmod/modinfoScanner';
import { ModinfoPrinter } from '../../kmod/modinfoText';
import { moduleNameOfPath } from '../../kmod/name';
import { findSignature } from '../../kmod/signature';
import { parseModulesBuiltinModinfo } from '../../kmod/tree/parse';
import { readModuleTables } from '../catalog/moduleTables';
import { withModule } from '../modules/moduleFile';
import { absolutePath, type Outcome, type Print, type System } from './system';

export interface ModinfoOptions {
  /** `-F`, `-p` ("parm"), `-n` ("filename"), …: only the values of this key. */
  readonly field?: string | undefined;
  /** `-0` */
  readonly nul: boolean;
  /** `-m`: every word is the name of a module, and neither a file nor an alias. */
  readonly onlyNames?: boolean;
}

/** Bytes that are printed at once. */
const CHUNK = 256 << 10;

/** Prints what modinfo(8) prints of files, and of modules by their names and aliases. */
export async function modinfo(
  system: System,
  modules: readonly string[],
  options: ModinfoOptions,
  print: Print,
): Promise<Outcome> {
  const printer = new ModinfoPrinter(options);
  const query = new ModinfoQuery(system, options, printer);
  const problems: string[] = [];
  for (const module of modules) {
    if (!query.printAtOnce(module)) problems.push(...(await query.print(module)));
    if (printer.output.length >= CHUNK) await print(printer.output.take());
  }
  await print(printer.output.take());
  return {
    exitCode: problems.length === 0 ? 0 : 1,
    stderr: problems.map((text) => `modinfo: ERROR: ${text}\n`).join(''),
  };
}

/** A module, and where what it says of itself stands. */
interface Place {
  readonly name: string;
  /** undefined: it has no file. */
  readonly path: string | undefined;
  readonly builtin: boolean;
}

class ModinfoQuery {
  readonly #scanner = createModinfoScanner({ openSync, readSync, closeSync, constants });
  #lookup: Promise<ModuleLookup> | undefined;
  #builtins: Promise<Map<string, ModuleInfo> | undefined> | undefined;

  constructor(
    private readonly system: System,
    private readonly options: ModinfoOptions,
    private readonly printer: ModinfoPrinter,
  ) {}

  /** For the thousands of files of a kernel. False: this takes longer, or fails; nothing is printed then. */
  printAtOnce(module: string): boolean {
    if (this.system.sysroot.directory !== '' || !this.#isFileName(module)) return false;
    const path = absolutePath(this.system.sysroot, module);
    const scanner = this.#scanner;
    const { output } = this.printer;
    const { length } = output;
    try {
      if (!scanner.scan(path)) return false;
      const labels = { name: '', fileName: path, signature: findSignature(scanner.tail) };
      this.printer.print(scanner.memory, scanner.found.start, scanner.found.end, labels);
      return true;
    } catch {
      // Whatever it is, the longer way tells.
      output.length = length;
      return false;
    }
  }

  /** @returns what went wrong */
  async print(module: string): Promise<string[]> {
    if (this.#isFileName(module) && (await this.system.sysroot.stat(module))?.isFile() === true) {
      const path = absolutePath(this.system.sysroot, module);
      return this.#print({ name: moduleNameOfPath(module), path, builtin: false });
    }
    const lookup = await (this.#lookup ??= this.#openLookup());
    if (this.options.onlyNames === true) {
      const named = lookup.findModule(module);
      if (named === undefined) return [`Module name ${module} not found.`];
      return this.#print(this.#placeOf(named, lookup));
    }
    const found = lookup.find(module);
    if (found === undefined) return [`Module alias ${module} not found.`];
    if (found.length === 0) return [`Module ${module} not found.`];
    const problems: string[] = [];
    for (const each of found) problems.push(...(await this.#print(this.#placeOf(each, lookup))));
    return problems;
  }

  /** By the name, as modinfo(8) decides: any other word is the name of a module. */
  #isFileName(module: string): boolean {
    return this.options.onlyNames !== true && /\.ko(\.(gz|xz|zst))?$/.test(module);
  }

  async #openLookup(): Promise<ModuleLookup> {
    const { sysroot, kernelDirectory, kmod } = this.system;
    // modinfo reads no configuration.
    const configuration = { kmod, files: [], ignored: [], entries: [], complaints: [] };
    return new ModuleLookup(configuration, await readModuleTables(sysroot, kernelDirectory));
  }

  #placeOf({ name, finding }: FoundModule, { tables }: ModuleLookup): Place {
    const path = tables.line(name)?.path;
    const absolute =
      path === undefined || path.startsWith('/') ? path : `${this.system.kernelDirectory}/${path}`;
    return {
      name,
      path: absolute,
      builtin: finding.in === 'modules.builtin.alias' || tables.isBuiltin(name),
    };
  }

  async #print(place: Place): Promise<string[]> {
    const { name, path } = place;
    const nothing = moduleInfoOfEntries([], name);
    try {
      if (this.options.field === 'filename') this.printer.printInfo(nothing, path);
      else if (place.builtin) this.printer.printInfo({ ...(await this.#readBuiltin(name)), name }, path);
      else await this.#printFile(name, path ?? '');
      return [];
    } catch (error) {
      // What is known without reading has been printed by then.
      this.printer.printInfo(nothing, path);
      const reason = error instanceof Error ? error.message : String(error);
      return [`could not get modinfo from '${name}': ${reason}`];
    }
  }

  async #printFile(name: string, path: string): Promise<void> {
    const { sysroot } = this.system;
    const host = (await sysroot.stat(path))?.isFile() === true ? await sysroot.resolve(path) : undefined;
    if (host === undefined) throw new Error('No such file or directory');
    await withModule(Buffer.from(host), (source) => {
      const strings = findModinfo(source);
      const labels = { name, fileName: path, signature: findSignature(source) };
      this.printer.print(strings, 0, strings.length, labels);
    });
  }

  /** Older kernels do not say what is in them: that is no failure. */
  async #readBuiltin(name: string): Promise<ModuleInfo> {
    const builtins = await (this.#builtins ??= this.#readBuiltins());
    if (builtins === undefined) return moduleInfoOfEntries([], name);
    const info = builtins.get(name);
    if (info === undefined) throw new Error('Function not implemented');
    return info;
  }

  async #readBuiltins(): Promise<Map<string, ModuleInfo> | undefined> {
    const { sysroot, kernelDirectory } = this.system;
    const bytes = await sysroot.read(`${kernelDirectory}/modules.builtin.modinfo`);
    return bytes && parseModulesBuiltinModinfo(bytes);
  }
}
