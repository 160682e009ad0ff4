import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readModuleInfo } from '../../kmod/modinfo';
import { formatModinfo } from '../../kmod/modinfoText';
import { normalizeModuleName } from '../../kmod/name';
import { encodeText } from '../../kmod/text';
import { ModuleDirectory, readModuleBytes } from '../catalog/moduleDirectory';

/** Prints what modinfo(8) prints of files, and of modules of this machine by their names. @returns the exit code */
export async function modinfo(modules: readonly string[]): Promise<number> {
  let exitCode = 0;
  for (const module of modules) {
    try {
      process.stdout.write(encodeText(await describe(module)));
    } catch (error) {
      process.stderr.write(
        `modinfo: ERROR: ${module}: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      exitCode = 1;
    }
  }
  return exitCode;
}

async function describe(module: string): Promise<string> {
  if (await isModuleFile(module)) return describeFile(resolve(module));
  const directory = await ModuleDirectory.open({ sysroot: '', release: '' });
  const name = normalizeModuleName(module);
  const path = await directory.pathOf(name);
  if (path !== undefined) return describeFile(path);
  const builtin = await directory.readInfo(name);
  if (builtin === undefined) throw new Error(`no module of kernel ${directory.origin.release}`);
  return formatModinfo(builtin);
}

async function describeFile(fileName: string): Promise<string> {
  return formatModinfo(await readModuleInfo(await readModuleBytes(fileName), fileName), { fileName });
}

/** By its name, as modinfo(8) decides: any other word is the name of a module. */
async function isModuleFile(path: string): Promise<boolean> {
  if (!/\.ko(\.(gz|xz|zst))?$/.test(path)) return false;
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
