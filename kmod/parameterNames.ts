import type { ByteSource } from './bytes';
import { readContents } from './contents';
import { normalizeModuleName } from './name';

/**
 * The parameters of an uncompressed module, those too that modinfo does not list, by their names with `_`.
 * @returns undefined: it has parameters, but no symbols that name them.
 * @throws ElfError, EndOfBytesError
 */
export function parameterNames(source: ByteSource, fileName: string): ReadonlySet<string> | undefined {
  const { parameters, sections, stripped } = readContents(source, fileName);
  const areKnown = !stripped || sections.every((section) => section.name !== '__param');
  return areKnown ? new Set(parameters.map((one) => normalizeModuleName(one.name))) : undefined;
}
