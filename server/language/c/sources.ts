import type { SourceScan } from '../../../kmod/source/scan';
import type { Disposable } from '../../catalog/catalog';

export interface SourceFile {
  readonly uri: string;
  readonly scan: SourceScan;
}

/** A module that is built in a directory with a Kbuild file. */
export interface SourceModule {
  readonly name: string;
  /** The sources of its objects, in Kbuild's order, then the module's own headers. */
  readonly files: readonly SourceFile[];
  /** False: an object or a header was not found, so what is missing here may be there. */
  readonly complete: boolean;
  /** It may be built into the kernel, where it needs no MODULE_LICENSE. */
  readonly conditional: boolean;
}

/** The C sources of modules, as the language service asks for them. */
export interface ModuleSources {
  /**
   * The modules that a C file is a part of. Never waits: onDidChange tells when the sources are read, and when
   * they were found to have changed. undefined: not read yet, or no directory of a module.
   */
  peek(uri: string): readonly SourceModule[] | undefined;
  /** As peek, once they are read. @throws the signal's reason */
  get(uri: string, signal: AbortSignal): Promise<readonly SourceModule[] | undefined>;
  /** A module of the workspace by its name, written with `-` or `_`. @throws the signal's reason */
  find(name: string, signal: AbortSignal): Promise<SourceModule | undefined>;
  onDidChange(listener: () => void): Disposable;
}
