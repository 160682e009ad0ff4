import type { ModuleInfo } from '../../kmod/modinfo';
import {
  TargetDependants,
  TargetDeviceAliases,
  TargetModuleInfo,
  TargetModuleNames,
  TargetParameters,
  TargetResolve,
  type CatalogOrigin,
  type TargetDependantsParams,
  type TargetDependantsResult,
  type TargetDeviceAliasesParams,
  type TargetDeviceAliasesResult,
  type TargetModuleInfoParams,
  type TargetModuleInfoResult,
  type TargetModuleNamesResult,
  type TargetParametersParams,
  type TargetParametersResult,
  type TargetResolveParams,
  type TargetResolveResult,
} from '../protocol';
import type { ModuleIndex, ModuleSource } from './catalog';

/** A request to the client. */
export type SendRequest = (method: string, params?: unknown) => Promise<unknown>;

/** The modules of the target that the client is connected to: the client is asked for them. */
export class TargetModules implements ModuleSource {
  constructor(
    readonly origin: CatalogOrigin,
    private readonly sendRequest: SendRequest,
  ) {}

  async readIndex(): Promise<ModuleIndex> {
    const { names, aliases } = (await this.sendRequest(TargetModuleNames)) as TargetModuleNamesResult;
    return { names, aliases };
  }

  async readInfo(name: string): Promise<ModuleInfo | undefined> {
    const params: TargetModuleInfoParams = { name };
    return ((await this.sendRequest(TargetModuleInfo, params)) as TargetModuleInfoResult) ?? undefined;
  }

  async resolve(alias: string): Promise<readonly string[]> {
    const params: TargetResolveParams = { alias };
    return (await this.sendRequest(TargetResolve, params)) as TargetResolveResult;
  }

  async deviceAliases(prefix: string): Promise<readonly string[]> {
    const params: TargetDeviceAliasesParams = { prefix };
    return (await this.sendRequest(TargetDeviceAliases, params)) as TargetDeviceAliasesResult;
  }

  async dependants(name: string): Promise<readonly string[]> {
    const params: TargetDependantsParams = { name };
    return (await this.sendRequest(TargetDependants, params)) as TargetDependantsResult;
  }

  async parameters(name: string): Promise<ReadonlySet<string> | undefined> {
    const params: TargetParametersParams = { name };
    const names = (await this.sendRequest(TargetParameters, params)) as TargetParametersResult;
    return names === null ? undefined : new Set(names);
  }

  /** The client says when the modules change (TargetModulesChanged). */
  isStale(): Promise<boolean> {
    return Promise.resolve(false);
  }
}
