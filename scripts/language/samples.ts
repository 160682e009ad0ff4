import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A distribution's kernel has about so many. */
const MODULES = 5_000;

const RELEASE = '6.1.0-bench';

/** Lines to one that is wrong. */
const LINES_PER_PROBLEM = 1_000;

const moduleName = (index: number): string => `mod_${index % MODULES}`;

/**
 * A modprobe.d file as people and distributions write them, each line about a module that is known.
 * @param from the first of these modules
 */
export function configuration(lines: number, from = 0): string {
  const line = (index: number): string => {
    const name = moduleName(index);
    if (index % LINES_PER_PROBLEM === LINES_PER_PROBLEM / 2) return `option ${name} debug=1`;
    switch (index % 10) {
      case 0:
        return `# What ${name} needs on boards of revision ${index}`;
      case 1:
        return '';
      case 2:
        return `alias usb:v${index.toString(16).padStart(8, '0')}d*dc*dsc*dp*ic*isc*ip*in* ${name}`;
      case 3:
        return `alias board-${index} ${name}`;
      case 4:
        return index < MODULES
          ? `softdep ${name} pre: ${moduleName(index + 2)}`
          : `# ${name} has its softdep above`;
      case 5:
        return index < MODULES ? `blacklist ${name}` : '';
      default:
        return `options ${name} p${Math.floor(index / MODULES)}=1`;
    }
  };
  return Array.from({ length: lines }, (_, index) => `${line(from + index)}\n`).join('');
}

/** A line of configuration() that sets an option. */
export function optionLine(near: number): number {
  return near - (near % 10) + 7;
}

/** A root directory with a kernel of MODULES modules. */
export async function makeSysroot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'kmod-bench-'));
  const kernel = join(root, 'lib/modules', RELEASE);
  await mkdir(join(kernel, 'kernel'), { recursive: true });
  await mkdir(join(root, 'etc/modprobe.d'), { recursive: true });
  const names = Array.from({ length: MODULES }, (_, index) => moduleName(index));
  await writeFile(join(kernel, 'modules.dep'), names.map((name) => `kernel/${name}.ko:\n`).join(''));
  await writeFile(
    join(kernel, 'modules.alias'),
    names.map((name) => `alias pci:v0000${name}d*sv*sd*bc*sc*i* ${name}\n`).join(''),
  );
  const parameters = Array.from({ length: 20 }, (_, index) => `parmtype=p${index}:int`);
  await Promise.all(
    names.map((name) =>
      writeFile(
        join(kernel, `kernel/${name}.ko`),
        moduleFile([`name=${name}`, 'license=GPL', ...parameters]),
      ),
    ),
  );
  return root;
}

/** The least that readModuleInfo() takes for an x86_64 module: elf(5) with a .modinfo section. */
function moduleFile(entries: readonly string[]): Buffer {
  const modinfo = Buffer.from(entries.map((entry) => `${entry}\0`).join(''));
  const names = Buffer.from('\0.modinfo\0.shstrtab\0');
  const sections = Buffer.alloc(3 * 64);
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(64 + modinfo.length + names.length), 40);
  [64, 0, 0, 64, 3, 2].forEach((value, index) => header.writeUInt16LE(value, 52 + 2 * index));
  const describe = (index: number, name: number, type: number, offset: number, size: number): void => {
    sections.writeUInt32LE(name, index * 64);
    sections.writeUInt32LE(type, index * 64 + 4);
    sections.writeBigUInt64LE(BigInt(offset), index * 64 + 24);
    sections.writeBigUInt64LE(BigInt(size), index * 64 + 32);
    sections.writeBigUInt64LE(1n, index * 64 + 48);
  };
  describe(1, 1, 1, 64, modinfo.length);
  describe(2, 10, 3, 64 + modinfo.length, names.length);
  return Buffer.concat([header, modinfo, names, sections]);
}
