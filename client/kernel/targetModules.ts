import type { ModuleInfo } from '../../kmod/modinfo';
import { isModuleName, normalizeName } from '../../kmod/name';
import { Emitter } from '../targets/emitter';
import type { Target } from '../targets/target';

/** Where the modules of one connection are read from. */
export interface ModuleSource {
  readonly target: Target;
  readonly release: string;
}
