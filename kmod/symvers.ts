import { moduleNameOfPath } from './name';

/** An exported symbol, as Module.symvers tells it (Documentation/kbuild/modules.rst, 6.3). */
export interface ExportedSymbol {
  /** 0 where the kernel was built without CONFIG_MODVERSIONS. */
  readonly crc: number;
  /** "vmlinux", or a module's name. */
  readonly exporter: string;
  readonly gplOnly: boolean;
  readonly namespace?: string;
}

/**
 * The lines of a Module.symvers that export a wanted symbol, by symbol. Linux 5.4 and 5.5 wrote the namespace in
 * front of the module; the others write it last, if at all.
 */
export function findInSymvers(text: string, wanted: ReadonlySet<string>): Map<string, ExportedSymbol> {
  const found = new Map<string, ExportedSymbol>();
  for (const line of text.split('\n')) {
    const [crc = '', symbol = '', ...rest] = line.split('\t');
    const kind = rest.findIndex((field) => field.startsWith('EXPORT_'));
    const exporter = rest[kind - 1];
    if (!wanted.has(symbol) || exporter === undefined) {
      continue;
    }
    const namespace = kind === 2 ? rest[0] : rest[kind + 1];
    found.set(symbol, {
      crc: Number.parseInt(crc, 16) >>> 0,
      exporter: exporter === 'vmlinux' ? exporter : moduleNameOfPath(exporter),
      gplOnly: rest[kind]?.includes('_GPL') === true,
      ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    });
  }
  return found;
}

/** The lines of modules.symbols (`alias symbol:NAME MODULE`) that name a wanted symbol: its module, by symbol. */
export function findInModulesSymbols(text: string, wanted: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, symbol = '', module = ''] of text.matchAll(/^alias symbol:(\S+) (\S+)$/gm)) {
    if (wanted.has(symbol)) {
      found.set(symbol, module);
    }
  }
  return found;
}
