import { readContents } from '../../kmod/contents';
import { normalizeModuleName } from '../../kmod/name';
import { withModule } from './moduleFile';

/**
 * The parameters of a module file, those too that modinfo does not list, by their names with `_`.
 * @returns undefined: it has parameters, but no symbols that name them.
 * @throws ElfError, CompressedError, and the errors of the file system
 */
export async function parameterNames(path: string): Promise<ReadonlySet<string> | undefined> {
  const { parameters, sections, stripped } = await withModule(path, (source) => readContents(source, path));
  const areKnown = !stripped || sections.every((section) => section.name !== '__param');
  return areKnown ? new Set(parameters.map((one) => normalizeModuleName(one.name))) : undefined;
}
