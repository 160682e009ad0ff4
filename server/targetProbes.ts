import {
  BUSYBOX_CONFIGURATION,
  BUSYBOX_DIRECTORY,
  BusyboxLookup,
  busyboxConfiguration,
  busyboxTables,
} from '../kmod/config/busybox';
import { readConfiguration } from '../kmod/config/configuration';
import type { ConfigurationFiles } from '../kmod/config/configurationFiles';
import { ModuleLookup } from '../kmod/config/lookup';
import { planProbe } from '../kmod/config/probe';
import { kmodVersionIn, type KmodVersion } from '../kmod/config/versions';
import { encodeText } from '../kmod/text';
import { ModuleTree } from '../kmod/tree/moduleTree';
import { tablesOfIndexes } from '../kmod/tree/moduleTables';
import type { SendRequest } from './catalog/targetCatalog';
import type { ExplainedSystem, Probes, Tool } from './language/features/explain';
import {
  TargetSystem,
  type CatalogOrigin,
  type TargetSystemFiles,
  type TargetSystemResult,
} from './protocol';

/** The target was disconnected while it was asked. */
class NoTargetError extends Error {
  override readonly name = 'NoTargetError';
  constructor({ label }: CatalogOrigin) {
    super(`${label} is not connected anymore: connect it, and ask again`);
  }
}

/** What modprobe would do on the connected target, by the target's own files, read anew each time. */
export class TargetProbes implements Probes {
  constructor(
    private readonly origin: CatalogOrigin,
    private readonly sendRequest: SendRequest,
  ) {}

  /** @throws NoTargetError, or what the client failed with */
  async plan(name: string, assumed: KmodVersion): Promise<ExplainedSystem> {
    const system = (await this.sendRequest(TargetSystem)) as TargetSystemResult;
    if (system === null) throw new NoTargetError(this.origin);
    return planOnTarget(name, this.origin, system, assumed);
  }
}

/** @param assumed the kmod that counts where the target does not tell its own */
export async function planOnTarget(
  name: string,
  origin: CatalogOrigin,
  system: TargetSystemFiles,
  assumed: KmodVersion,
): Promise<ExplainedSystem> {
  const kernelDirectory = `/lib/modules/${origin.release}`;
  const tool = toolOf(system.version);
  const files = new Map(system.files.map((file) => [file.path, file]));
  const textOf = (path: string) => files.get(path)?.text;
  const configuration = await readConfiguration(filesOf(system, textOf), {
    kmod: tool.kind === 'kmod' ? (tool.version ?? assumed) : assumed,
    kernelDirectory,
    ...(tool.kind === 'busybox' ? { searchPaths: [BUSYBOX_CONFIGURATION, BUSYBOX_DIRECTORY] } : {}),
  });
  const lookup =
    tool.kind === 'busybox'
      ? new BusyboxLookup(
          busyboxConfiguration(configuration),
          busyboxTables(ModuleTree.of((file) => bytesOfText(textOf(`${kernelDirectory}/${file}`)))),
        )
      : new ModuleLookup(
          configuration,
          tablesOfIndexes((file) => bytesOf(system.indexes[file])),
        );
  const there = system.moduleFiles === null ? undefined : new Set(system.moduleFiles);
  const plan = await planProbe(lookup, name, {
    kernelDirectory,
    exists: (path) =>
      Promise.resolve(
        there === undefined ||
          !path.startsWith(`${kernelDirectory}/`) ||
          there.has(path.slice(kernelDirectory.length + 1)),
      ),
  });
  return {
    origin,
    tool,
    lookup,
    plan,
    uriOf: (path) => files.get(path)?.uri,
    loaded: new Set(system.loaded),
    unreadable: [
      ...system.unreadable,
      ...system.directories.filter(({ entries }) => entries === null).map(({ path }) => path),
    ],
  };
}

/** What `modprobe --version` prints: BusyBox takes it for a mistake, and says who it is. */
function toolOf(text: string): Tool {
  if (text === '') return { kind: 'none' };
  const version = kmodVersionIn(text);
  if (version !== undefined) return { kind: 'kmod', version };
  const busybox = /^BusyBox v([\w.-]+)/m.exec(text);
  return busybox === null ? { kind: 'kmod' } : { kind: 'busybox', version: busybox[1] ?? '' };
}

function filesOf(
  { directories, unreadable }: TargetSystemFiles,
  textOf: (path: string) => string | undefined,
): ConfigurationFiles {
  const listed = new Map(directories.map(({ path, entries }) => [path, entries]));
  return {
    list: (path) => {
      const entries = listed.get(path);
      if (entries === null) return Promise.resolve({ kind: 'unreadable', reason: 'Permission denied' });
      if (entries !== undefined) return Promise.resolve({ kind: 'directory', entries });
      const isFile = textOf(path) !== undefined || unreadable.includes(path);
      return Promise.resolve({ kind: isFile ? 'file' : 'missing' });
    },
    read: (path) => Promise.resolve(textOf(path)),
  };
}

function bytesOf(base64: string | undefined): Uint8Array | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

function bytesOfText(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : encodeText(text);
}
