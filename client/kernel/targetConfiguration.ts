import { readConfiguration, type Configuration } from '../../kmod/config/configuration';
import { NEWEST_KMOD } from '../../kmod/config/versions';
import { decodeText } from '../../kmod/text';
import type { Target } from '../targets/target';
import { execute } from './command';
import { readModprobeSystem } from './modprobeSystem';

/**
 * What modprobe on a target knows before it looks at modules: its modprobe.d and its kernel command line, in one
 * command. The softdeps of the kernel's own directory are the module tree's to tell.
 */
export async function readTargetConfiguration(target: Target): Promise<Configuration> {
  const { directories, files } = await execute(target, readModprobeSystem(undefined));
  return readConfiguration(
    {
      list: (path) => {
        const entries = directories.get(path);
        return Promise.resolve(
          entries === undefined ? { kind: 'missing' } : { kind: 'directory', entries: [...entries] },
        );
      },
      read: (path) => {
        const bytes = files.get(path);
        return Promise.resolve(bytes && decodeText(bytes));
      },
    },
    { kmod: NEWEST_KMOD, kernelDirectory: '' },
  );
}
