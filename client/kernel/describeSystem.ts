import { decodeText } from '../../kmod/text';
import type { TargetSystemFiles } from '../../server/protocol';
import type { ModprobeSystem } from './modprobeSystem';

/**
 * What modprobe goes by, as the language server is told.
 * @param keep takes a text, so that the URI that it gives back opens it
 */
export function describeSystem(
  { version, directories, files, unreadable, moduleFiles, loaded }: ModprobeSystem,
  keep: (path: string, text: string) => string,
): TargetSystemFiles {
  const isIndex = (path: string): boolean => path.endsWith('.bin');
  const texts = [...files].filter(([path]) => !isIndex(path));
  return {
    version,
    directories: Array.from(directories, ([path, entries]) => ({ path, entries: entries ?? null })),
    files: texts.map(([path, bytes]) => {
      const text = decodeText(bytes);
      return { path, uri: keep(path, text), text };
    }),
    unreadable,
    indexes: Object.fromEntries(
      [...files]
        .filter(([path]) => isIndex(path))
        .map(([path, bytes]) => [path.slice(path.lastIndexOf('/') + 1), bytes.toString('base64')]),
    ),
    moduleFiles: moduleFiles ?? null,
    loaded,
  };
}
