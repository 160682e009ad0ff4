import type { ModuleContents } from '../../../kmod/contents';
import type { ElfSection } from '../../../kmod/elf';
import { formatSize } from '../../kernel/formatSize';
import type { SizeBar, SizeKind } from './page';

const KINDS: Readonly<Record<SizeKind, string>> = {
  code: 'Code',
  readOnly: 'Read-only data',
  data: 'Data',
  metadata: 'Loader tables',
  symbols: 'Symbols',
  relocations: 'Relocations',
  debug: 'Debug information',
  other: 'Other',
};

/** What the kernel's module loader reads and mostly throws away. */
const METADATA =
  /^(\.modinfo|__versions|__version_ext_.*|__ksymtab.*|__kcrctab.*|__param|\.gnu\.linkonce\.this_module|\.note\..*)$/;

function sectionKind({ name, type, flags }: ElfSection): SizeKind {
  if (METADATA.test(name)) return 'metadata';
  if (/^(\.rela?)?\.(z?debug_|BTF|gdb_index)/.test(name)) return 'debug';
  if (type === 'rela' || type === 'rel') return 'relocations';
  if (/^\.(symtab|strtab|shstrtab|kallsyms)/.test(name)) return 'symbols';
  if (!flags.includes('alloc')) return 'other';
  if (flags.includes('execinstr')) return 'code';
  return flags.includes('write') ? 'data' : 'readOnly';
}

export const sectionKindName = (section: ElfSection): string => KINDS[sectionKind(section)].toLowerCase();

export const isData = (section: ElfSection): boolean => ['data', 'readOnly'].includes(sectionKind(section));

/** What the parts of a size bar add up to. */
export const fileBytes = ({ sections }: ModuleContents): number =>
  sections.filter(({ type }) => type !== 'nobits').reduce((sum, { size }) => sum + size, 0);

/** What of a file is what; zero-filled data takes no place in it. */
export function sizeBar(title: string, contents: ModuleContents, scale = fileBytes(contents)): SizeBar {
  const { sections } = contents;
  const sums = new Map<SizeKind, number>();
  for (const section of sections) {
    if (section.type !== 'nobits') {
      const kind = sectionKind(section);
      sums.set(kind, (sums.get(kind) ?? 0) + section.size);
    }
  }
  const parts = (Object.keys(KINDS) as SizeKind[]).map((kind) => {
    const bytes = sums.get(kind) ?? 0;
    return { kind, label: KINDS[kind], bytes, text: formatSize(bytes) };
  });
  return { title, parts, scale };
}

/** The sections that the kernel keeps or uses while it loads; page alignment and its own tables come on top. */
export const memorySize = ({ sections }: ModuleContents): string =>
  formatSize(
    sections
      .filter(({ name, flags }) => flags.includes('alloc') && !/^(\.modinfo|__version)/.test(name))
      .reduce((sum, { size }) => sum + size, 0),
  );
