import type { ModuleInfo } from '../kmod/modinfo';

/**
 * What client and server say to each other beyond LSP. The client owns the connection to a target, so
 * module facts of a target come by reverse requests (server -> client). Only these names and shapes are
 * shared between the two rooms.
 */

/** Where a catalog's facts come from, as a hover names it. */
export interface CatalogOrigin {
  /** "board-a", "this machine", "/srv/sysroot". */
  readonly label: string;
  /** The kernel release, for example 6.1.0-56-cloud-amd64. */
  readonly release: string;
}

/** Notification, client -> server: the connected target changed; null: none is connected. */
export const TargetChanged = 'kmod/targetChanged';
export interface TargetChangedParams {
  readonly origin: CatalogOrigin | null;
  /** What its tools say of their version, such as "kmod version 30"; absent: not known. */
  readonly tools?: string;
}

/** Notification, client -> server: depmod ran, or a module was installed, on the connected target. */
export const TargetModulesChanged = 'kmod/targetModulesChanged';

/** Request, server -> client: the names that modules.dep and modules.builtin of the target list, and those loaded. */
export const TargetModuleNames = 'kmod/targetModuleNames';
export interface TargetModuleNamesResult {
  /** Module names, with `_`. */
  readonly names: readonly string[];
  /**
   * The patterns without ':' in modules.alias and in the aliases of built-in modules (fs-ext4, char-major-10-*):
   * names that a person may write. Absent: not read; then a name that is no module is never called unknown.
   */
  readonly aliases?: readonly string[];
}

/** Request, server -> client: the modinfo of one module of the target; null: the target has no such module. */
export const TargetModuleInfo = 'kmod/targetModuleInfo';
export type TargetModuleInfoParams = { readonly name: string };
export type TargetModuleInfoResult = ModuleInfo | null;

/**
 * Request, server -> client: the names of all parameters of a module of the target, those that its modinfo does not
 * list included, with `_`; null: its file does not tell.
 */
export const TargetParameters = 'kmod/targetParameters';
export type TargetParametersParams = { readonly name: string };
export type TargetParametersResult = readonly string[] | null;

/** Request, server -> client: the modules that an alias of the target's modules stands for, in modprobe's order. */
export const TargetResolve = 'kmod/targetResolve';
export type TargetResolveParams = { readonly alias: string };
export type TargetResolveResult = readonly string[];

/** Request, server -> client: aliases with a colon of the target's modules that begin with a text; not all where these are many. */
export const TargetDeviceAliases = 'kmod/targetDeviceAliases';
export type TargetDeviceAliasesParams = { readonly prefix: string };
export type TargetDeviceAliasesResult = readonly string[];

/** Request, server -> client: the modules of the target that depend on a module, not those that depend on these. */
export const TargetDependants = 'kmod/targetDependants';
export type TargetDependantsParams = { readonly name: string };
export type TargetDependantsResult = readonly string[];

/**
 * Request, server -> client: what modprobe goes by on the connected target, read anew; null: none is connected.
 * Texts are by decodeText.
 */
export const TargetSystem = 'kmod/targetSystem';
export type TargetSystemResult = TargetSystemFiles | null;
export interface TargetSystemFiles {
  /** What `modprobe --version` prints; '' when there is no modprobe. */
  readonly version: string;
  /** Entries null: the login can not read it. */
  readonly directories: readonly {
    readonly path: string;
    readonly entries:
      readonly { readonly name: string; readonly kind: 'file' | 'directory' | 'missing' }[] | null;
  }[];
  /** Configuration, and the kernel command line; an editor opens the text by the URI. */
  readonly files: readonly { readonly path: string; readonly uri: string; readonly text: string }[];
  /** Files that the login can not read. */
  readonly unreadable: readonly string[];
  /** The indexes in /lib/modules/RELEASE by their names, in base64. */
  readonly indexes: Readonly<Record<string, string>>;
  /** The module files below /lib/modules/RELEASE, relative; null: not known. */
  readonly moduleFiles: readonly string[] | null;
  /** The names of modules that are live. */
  readonly loaded: readonly string[];
}

/**
 * Request, client -> server: what `modprobe NAME` would do on the connected target, else by the configured sysroot
 * or this machine, as a Markdown document whose links run the editor's command kmod.openLine; null: it could not be told, and the log says why.
 */
export const Explain = 'kmod/explain';
export type ExplainParams = { readonly name: string };
export type ExplainResult = { readonly markdown: string } | null;

/**
 * Request, client -> server: the /lib/modules/RELEASE of the configured sysroot or of this machine, whose modules are
 * told while no target is connected; null: there is none.
 */
export const LocalModules = 'kmod/localModules';
export type LocalModulesResult = LocalModulesDirectory | null;
export interface LocalModulesDirectory {
  readonly origin: CatalogOrigin;
  /** Absolute; the directory that stands for /. */
  readonly sysroot: string;
  /** Absolute, on this machine. */
  readonly directory: string;
}

/** A module of the editor's workspace. */
export interface WorkspaceModule {
  readonly name: string;
  /** The .ko on this machine, absolute; absent while it is not built. */
  readonly file?: string;
}

/** Notification, client -> server: all modules of the workspace, at the start and whenever one was built. */
export const WorkspaceModulesChanged = 'kmod/workspaceModulesChanged';
export type WorkspaceModulesChangedParams = { readonly modules: readonly WorkspaceModule[] };
