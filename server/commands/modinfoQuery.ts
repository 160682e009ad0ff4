import { MODULE_INDEX } from '../../engine/files/limits';
import { withModule } from '../../engine/files/moduleFile';
import { ModuleLookup, type FoundModule } from '../../kmod/config/lookup';
import { findModinfo, moduleInfoOfEntries, type ModuleInfo } from '../../kmod/modinfo';
import type { ModinfoPrinter } from '../../kmod/modinfoText';
import { moduleNameOfPath } from '../../kmod/name';
import { findSignature } from '../../kmod/signature';
import { parseModulesBuiltinModinfo } from '../../kmod/tree/parse';
import { readModuleTables } from '../catalog/moduleTables';
import { isFileName, type ModinfoOptions } from './modinfo';
import { absolutePath } from './paths';
import type { System } from './system';

/** A module, and where what it says of itself stands. */
interface Place {
  readonly name: string;
  /** undefined: it has no file. */
  readonly path: string | undefined;
  readonly builtin: boolean;
}

/** What modinfo(8) makes of one word, as far as it takes more than to read a file of a kernel. */
export class ModinfoQuery {
  #lookup: Promise<ModuleLookup> | undefined;
  #builtins: Promise<Map<string, ModuleInfo> | undefined> | undefined;

  constructor(
    private readonly system: System,
    private readonly options: ModinfoOptions,
    private readonly printer: ModinfoPrinter,
  ) {}

  /** Prints, and returns what went wrong. */
  async print(module: string): Promise<string[]> {
    if (
      !this.options.onlyNames &&
      isFileName(module) &&
      (await this.system.sysroot.stat(module))?.isFile() === true
    ) {
      const path = absolutePath(this.system.sysroot.directory, module);
      return this.#print({ name: moduleNameOfPath(module), path, builtin: false });
    }
    const lookup = await (this.#lookup ??= this.#openLookup());
    if (this.options.onlyNames) {
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
    const host = (await sysroot.stat(path))?.isFile() === true ? sysroot.resolve(path) : undefined;
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
    const bytes = await sysroot.read(`${kernelDirectory}/modules.builtin.modinfo`, MODULE_INDEX);
    return bytes && parseModulesBuiltinModinfo(bytes);
  }
}
