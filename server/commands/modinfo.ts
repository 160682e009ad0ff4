import { ModuleLookup, type FoundModule } from '../../kmod/config/lookup';
import { moduleInfoOfEntries, scanModuleInfo, type ModuleInfo } from '../../kmod/modinfo';
import { formatModinfo } from '../../kmod/modinfoText';
import { moduleNameOfPath } from '../../kmod/name';
import { encodeText } from '../../kmod/text';
import { parseModulesBuiltinModinfo } from '../../kmod/tree/parse';
import { readModuleTables } from '../catalog/moduleTables';
import { readModuleNow, withModule } from '../modules/moduleFile';
import { absolutePath, type Answer, type System } from './system';

export interface ModinfoOptions {
  /** `-F`, `-p` ("parm"), `-n` ("filename"), …: only the values of this key. */
  readonly field?: string | undefined;
  /** `-0` */
  readonly nul: boolean;
  /** `-m`: every word is the name of a module, and neither a file nor an alias. */
  readonly onlyNames?: boolean;
}

/** What modinfo(8) prints of files, and of modules by their names and aliases. */
export async function modinfo(
  system: System,
  modules: readonly string[],
  options: ModinfoOptions,
): Promise<Answer> {
  const query = new ModinfoQuery(system, options);
  const answers: Answer[] = [];
  for (const module of modules) answers.push(...(await query.describe(module)));
  return {
    exitCode: answers.some(({ exitCode }) => exitCode !== 0) ? 1 : 0,
    stdout: answers.map(({ stdout }) => stdout).join(''),
    stderr: answers.map(({ stderr }) => stderr).join(''),
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
  #lookup: Promise<ModuleLookup> | undefined;
  #builtins: Promise<Map<string, ModuleInfo> | undefined> | undefined;

  constructor(
    private readonly system: System,
    private readonly options: ModinfoOptions,
  ) {}

  async describe(module: string): Promise<Answer[]> {
    const { onlyNames = false } = this.options;
    // By its name, as modinfo(8) decides: any other word is the name of a module.
    if (!onlyNames && /\.ko(\.(gz|xz|zst))?$/.test(module)) {
      const path = absolutePath(this.system.sysroot, module);
      const place = { name: moduleNameOfPath(module), path, builtin: false };
      const answer = this.#answerAtOnce(place);
      if (answer !== undefined) return [answer];
      if ((await this.system.sysroot.stat(module))?.isFile() === true) return [await this.#answer(place)];
    }
    const lookup = await (this.#lookup ??= this.#openLookup());
    if (onlyNames) {
      const named = lookup.findModule(module);
      if (named === undefined) return [failure(`Module name ${module} not found.`)];
      return [await this.#answer(this.#placeOf(named, lookup))];
    }
    const found = lookup.find(module);
    if (found === undefined) return [failure(`Module alias ${module} not found.`)];
    if (found.length === 0) return [failure(`Module ${module} not found.`)];
    return Promise.all(found.map((each) => this.#answer(this.#placeOf(each, lookup))));
  }

  /** For the thousands of files of a kernel. undefined: this takes longer, or fails. */
  #answerAtOnce({ name, path }: { readonly name: string; readonly path: string }): Answer | undefined {
    if (this.system.sysroot.directory !== '') return undefined;
    try {
      const info = readModuleNow(encodeText(path), (source) => scanModuleInfo(source, path));
      return info && success(this.#format({ ...info, name }, path));
    } catch {
      // Whatever it is, the longer way tells.
      return undefined;
    }
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

  async #answer(place: Place): Promise<Answer> {
    const { name, path } = place;
    const format = (info: ModuleInfo) => this.#format({ ...info, name }, path);
    const nothing = moduleInfoOfEntries([], name);
    if (this.options.field === 'filename') return success(format(nothing));
    try {
      return success(
        format(place.builtin ? await this.#readBuiltin(name) : await this.#readFile(path ?? '')),
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const answer = failure(`could not get modinfo from '${name}': ${reason}`);
      // What is known without reading has been printed by then.
      return { ...answer, stdout: format(nothing) };
    }
  }

  #format(info: ModuleInfo, fileName: string | undefined): string {
    const { field, nul } = this.options;
    return formatModinfo(info, {
      nul,
      ...(fileName === undefined ? {} : { fileName }),
      ...(field === undefined ? {} : { field }),
    });
  }

  async #readFile(path: string): Promise<ModuleInfo> {
    const { sysroot } = this.system;
    const host = (await sysroot.stat(path))?.isFile() === true ? await sysroot.resolve(path) : undefined;
    if (host === undefined) throw new Error('No such file or directory');
    return withModule(Buffer.from(host), (source) => scanModuleInfo(source, path));
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

function success(stdout: string): Answer {
  return { exitCode: 0, stdout, stderr: '' };
}

function failure(text: string): Answer {
  return { exitCode: 1, stdout: '', stderr: `modinfo: ERROR: ${text}\n` };
}
