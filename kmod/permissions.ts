import type { ElfFile } from './elf';
import type { ModuleSymbols } from './symbols';

/**
 * struct kernel_param (linux/moduleparam.h) by its size: where its permissions stand. Pointers to the name, the
 * module (since Linux 4.1) and the operations come before them.
 */
const PERMISSIONS_AT = {
  32: new Map([
    [16, 8],
    [20, 12],
  ]),
  64: new Map([
    [32, 16],
    [40, 24],
  ]),
} as const;

/** The permissions in /sys/module/NAME/parameters, by parameter; 0: it is not there. */
export function readPermissions(elf: ElfFile, { marks }: ModuleSymbols): Map<string, number> {
  const permissions = new Map<string, number>();
  const index = elf.sections.findIndex(({ name }) => name === '__param');
  const section = elf.sections[index];
  if (section === undefined) return permissions;
  const bytes = elf.read(section);
  const fields = elf.fields(bytes);
  for (const [name, place] of marks.__param_) {
    const at = PERMISSIONS_AT[elf.bits].get(place.size);
    if (place.section === index && at !== undefined && place.value + place.size <= bytes.length) {
      permissions.set(name, fields.half(place.value + at));
    }
  }
  return permissions;
}
