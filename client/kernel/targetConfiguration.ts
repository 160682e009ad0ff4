import { readConfiguration, type Configuration } from '../../kmod/config/configuration';
import type { ConfigurationFiles, DirectoryEntry } from '../../kmod/config/configurationFiles';
import { configurationDirectories, NEWEST_KMOD } from '../../kmod/config/versions';
import { decodeText } from '../../kmod/text';
import type { Target } from '../targets/target';
import { execute, type Command } from './command';
import { script } from './commands';

/** A kind, a path and a text for each entry, NUL-terminated; a NUL in a file would be taken for an end. */
const READ_FILES = `show() { printf '%s\\0%s\\0' "$1" "$2"; [ "$1" = file ] && tr -d '\\000' <"$2" 2>/dev/null; printf '\\0'; }
show file /proc/cmdline
for d; do
  for f in "$d"/*; do
    if [ -d "$f" ]; then show directory "$f"
    elif [ -e "$f" ]; then show file "$f"
    elif [ -L "$f" ]; then show missing "$f"
    fi
  done
done
:`;

function readFiles(directories: readonly string[]): Command<ConfigurationFiles> {
  return { argv: script(READ_FILES, directories), parse: ({ stdout }) => filesOf(decodeText(stdout)) };
}

function filesOf(output: string): ConfigurationFiles {
  const directories = new Map<string, DirectoryEntry[]>();
  const texts = new Map<string, string>();
  const fields = output.split('\0');
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [kind, path = '', text = ''] = fields.slice(at, at + 3);
    if (kind === 'file' || kind === 'directory' || kind === 'missing') {
      const slash = path.lastIndexOf('/');
      const entries = directories.get(path.slice(0, slash)) ?? [];
      entries.push({ name: path.slice(slash + 1), kind });
      directories.set(path.slice(0, slash), entries);
      if (kind === 'file') {
        texts.set(path, text);
      }
    }
  }
  return {
    list: (path) => {
      const entries = directories.get(path);
      return Promise.resolve(entries === undefined ? { kind: 'missing' } : { kind: 'directory', entries });
    },
    read: (path) => Promise.resolve(texts.get(path)),
  };
}

/**
 * What modprobe on a target knows before it looks at modules: its modprobe.d and its kernel command line, in one
 * command. The softdeps of the kernel's own directory are the module tree's to tell.
 */
export async function readTargetConfiguration(target: Target): Promise<Configuration> {
  const files = await execute(target, readFiles(configurationDirectories(NEWEST_KMOD)));
  return readConfiguration(files, { kmod: NEWEST_KMOD, kernelDirectory: '' });
}
