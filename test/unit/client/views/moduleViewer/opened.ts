import type { HashedModule } from '../../../../../client/kernel/openModuleFile';
import { sourceOf } from '../../../../../kmod/bytes';
import { readContents } from '../../../../../kmod/contents';
import { readDigests } from '../../../../../kmod/digests';
import { buildModule, type BuiltSection } from '../../../kmod/elfBuilder';

/** A module file with these .modinfo strings, as if it had been read from a disk. */
export function opened(modinfo: readonly string[], sections: readonly BuiltSection[] = []): HashedModule {
  const bytes = buildModule(modinfo, sections);
  const file = '/modules/hello.ko';
  return {
    file,
    size: bytes.length,
    compressed: false,
    contents: readContents(sourceOf(bytes), file),
    release: '6.1.0',
    digests: readDigests(sourceOf(bytes)),
  };
}
