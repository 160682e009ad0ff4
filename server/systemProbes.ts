import { pathToFileURL } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { Sysroot } from '../engine/files/sysroot';
import { readConfiguration } from '../kmod/config/configuration';
import { ModuleLookup } from '../kmod/config/lookup';
import { planProbe } from '../kmod/config/probe';
import { SystemConfigurationFiles } from './catalog/configurationFiles';
import { ModuleDirectory, type DirectoryChoice } from './catalog/moduleDirectory';
import { readModuleTables } from './catalog/moduleTables';
import { withOpenDocuments } from './configFilesOnDisk';
import type { KmodChoice } from './kmodInUse';
import type { ExplainedSystem, Probes } from './language/features/explain';

export interface SystemProbesOptions {
  readonly open: () => readonly TextDocument[];
  readonly directory: () => DirectoryChoice;
  readonly kmod: () => Promise<KmodChoice>;
}

/** What modprobe would do on the system of the settings, with what the editor has not saved yet. */
export class SystemProbes implements Probes {
  constructor(private readonly options: SystemProbesOptions) {}

  /** @throws NoModulesError */
  async plan(name: string): Promise<ExplainedSystem> {
    const directory = this.options.directory();
    const { version: kmod, isTold } = await this.options.kmod();
    const { origin } = await ModuleDirectory.open(directory);
    const sysroot = new Sysroot(directory.sysroot);
    const kernelDirectory = `/lib/modules/${origin.release}`;
    const uriOf = (path: string) => pathToFileURL(sysroot.directory + path).href;
    const files = withOpenDocuments(new SystemConfigurationFiles(sysroot), this.options.open(), uriOf);
    const [configuration, tables] = await Promise.all([
      readConfiguration(files, { kmod, kernelDirectory }),
      readModuleTables(sysroot, kernelDirectory),
    ]);
    const lookup = new ModuleLookup(configuration, tables);
    const plan = await planProbe(lookup, name, {
      kernelDirectory,
      exists: async (path) => (await sysroot.stat(path)) !== undefined,
    });
    return { origin, tool: { kind: 'kmod', ...(isTold ? { version: kmod } : {}) }, lookup, plan, uriOf };
  }
}
