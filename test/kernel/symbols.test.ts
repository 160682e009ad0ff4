import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContents, type ModuleContents } from '../../kmod/contents';
import { moduleNameOfPath } from '../../kmod/name';
import { withModule } from '../../engine/files/moduleFile';
import { fetchedKernels, installedKernel, outputOf, type KernelToRead } from '../../scripts/kernels';

/** modprobe, nm and the kernel's own Module.symvers are the oracles. */
const SAME_MACHINE = new Set(['installed', 'amd64']);
const kernels = [installedKernel(), ...fetchedKernels()];

describe.each(kernels)('of the modules of $release ($architecture)', ({ architecture, release, files }) => {
  it('the CRCs are those that modprobe --dump-modversions prints', async () => {
    let count = 0;
    // A process for each: of the other architectures some have to do.
    const cases = SAME_MACHINE.has(architecture) ? files : files.filter((_, index) => index % 4 === 0);
    await inParallel(cases, async (file) => {
      const { versions, imports } = await contentsOf(file);
      const printed = versions.map(({ name, crc }) => `0x${crc.toString(16).padStart(8, '0')}\t${name}\n`);
      expect(printed.join(''), file).toBe(
        (await outputOf('modprobe', ['--dump-modversions', file])).toString(),
      );
      const crcs = new Map(versions.map(({ name, crc }) => [name, crc]));
      expect(imports.every(({ name, crc }) => crc === crcs.get(name))).toBe(true);
      count += versions.length;
    });
    console.log(
      `modprobe --dump-modversions: ${count} CRCs of ${cases.length} modules of ${release} are the same`,
    );
    expect(count).toBeGreaterThan(files.length);
  });

  it('imports, exports, init and exit are what nm finds', async () => {
    for (let start = 0; start < files.length; start += 200) {
      const chunk = files.slice(start, start + 200);
      const symbols = byFile(chunk, (await outputOf('nm', ['-A', ...chunk])).toString());
      for (const file of chunk) {
        const contents = await contentsOf(file);
        const found = symbols.get(file) ?? [];
        const named = (types: string, prefix = ''): string[] =>
          found
            .filter(({ type, name }) => types.includes(type) && name.startsWith(prefix))
            .map(({ name }) => name.slice(prefix.length))
            .sort();
        expect(sorted(contents.imports), file).toEqual(named('Uwv'));
        expect(sorted(contents.imports.filter(({ weak }) => weak)), file).toEqual(named('wv'));
        expect(sorted(contents.exports), file).toEqual(named('rRdDnN', '__ksymtab_'));
        for (const [ours, alias] of [
          [contents.init, 'init_module'],
          [contents.exit, 'cleanup_module'],
        ]) {
          const address = found.find(({ name }) => name === alias)?.address;
          const same = found.filter((symbol) => symbol.address === address).map(({ name }) => name);
          expect(address === undefined ? [undefined] : same, file).toContain(ours);
        }
      }
    }
  });
});

const withSymvers = kernels.flatMap((kernel) => {
  const symvers = symversOf(kernel);
  return symvers === undefined ? [] : [{ ...kernel, symvers }];
});

describe.each(withSymvers)('of the modules of $release ($architecture)', ({ release, files, symvers }) => {
  it('exports are those of Module.symvers', async () => {
    const ours: string[] = [];
    const modules = new Set(files.map(moduleNameOfPath));
    for (const file of files) {
      const name = moduleNameOfPath(file);
      for (const { name: symbol, crc, gpl, namespace } of (await contentsOf(file)).exports) {
        ours.push(
          [hex(crc), symbol, name, gpl ? 'EXPORT_SYMBOL_GPL' : 'EXPORT_SYMBOL', namespace ?? ''].join(' '),
        );
      }
    }
    const theirs = symvers.split('\n').flatMap((line) => {
      const [crc = '', symbol, path = '', kind, namespace = ''] = line.split('\t');
      const module = moduleNameOfPath(path);
      return path.includes('/') && modules.has(module)
        ? [[crc, symbol, module, kind, namespace].join(' ')]
        : [];
    });
    expect(ours.sort()).toEqual(theirs.sort());
    expect(theirs.length).toBeGreaterThan(1000);
    console.log(`Module.symvers: ${theirs.length} exports of ${release} are the same`);
  });
});

function contentsOf(file: string): Promise<ModuleContents> {
  return withModule(file, (source) => readContents(source, file));
}

interface NmSymbol {
  readonly address: string;
  readonly type: string;
  readonly name: string;
}

/** What `nm -A` prints: FILE:ADDRESS TYPE NAME. */
function byFile(files: readonly string[], output: string): Map<string, NmSymbol[]> {
  const symbols = new Map<string, NmSymbol[]>(files.map((file) => [file, []]));
  for (const line of output.split('\n')) {
    const [, file = '', address = '', type = '', name = ''] =
      /^(.*?\.ko):([0-9a-f]*) +(\S) (.*)$/.exec(line) ?? [];
    symbols.get(file)?.push({ address, type, name });
  }
  return symbols;
}

function sorted(symbols: readonly { readonly name: string }[]): string[] {
  return symbols.map(({ name }) => name).sort();
}

function hex(crc: number | undefined): string {
  return crc === undefined ? 'none' : `0x${crc.toString(16).padStart(8, '0')}`;
}

/** The one of the headers package; undefined for kernels whose headers are not there. */
function symversOf({ tree, release }: KernelToRead): string | undefined {
  const root = tree.slice(0, tree.lastIndexOf('/lib/modules/'));
  const path = join('/', root, 'usr/src', `linux-headers-${release}`, 'Module.symvers');
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function inParallel<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await task(item);
  };
  await Promise.all(Array.from({ length: 4 }, work));
}
