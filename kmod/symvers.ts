import { moduleNameOfPath } from './name';
import type { Steps } from './steps';
import { LONGEST_LINE, linesOf } from './text';
import { readModulesAlias } from './tree/parse';

/** An exported symbol, as Module.symvers tells it (Documentation/kbuild/modules.rst, 6.3). */
export interface ExportedSymbol {
  /** 0 where the kernel was built without CONFIG_MODVERSIONS. */
  readonly crc: number;
  /** "vmlinux", or a module's name. */
  readonly exporter: string;
  readonly gplOnly: boolean;
  readonly namespace?: string;
}

/** How many lines are read in one step. */
const LINES_A_STEP = 256;

/**
 * In steps: the lines of a Module.symvers that export a wanted symbol, by symbol. Linux 5.4 and 5.5 wrote the namespace
 * in front of the module; the others write it last, if at all.
 */
export function* findInSymvers(
  text: string,
  wanted: ReadonlySet<string>,
): Steps<Map<string, ExportedSymbol>> {
  const found = new Map<string, ExportedSymbol>();
  let count = 0;
  for (const line of linesOf(text)) {
    if (++count % LINES_A_STEP === 0) yield;
    const tab = line.indexOf('\t') + 1;
    const end = line.indexOf('\t', tab);
    // Only what is wanted is taken apart.
    const symbol = line.slice(tab, end < 0 ? undefined : end);
    if (tab === 0 || line.length > LONGEST_LINE || !wanted.has(symbol)) continue;
    const [crc = '', , ...rest] = line.split('\t');
    const kind = rest.findIndex((field) => field.startsWith('EXPORT_'));
    const exporter = rest[kind - 1];
    if (exporter === undefined) continue;
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

const SYMBOL = 'symbol:';
const ALIAS_OF_SYMBOL = `alias ${SYMBOL}`;

/** In steps: the lines of modules.symbols (`alias symbol:NAME MODULE`) that name a wanted symbol: its module, by symbol. */
export function* findInModulesSymbols(text: string, wanted: ReadonlySet<string>): Steps<Map<string, string>> {
  const aliases = yield* readModulesAlias(
    text,
    (line) =>
      line.startsWith(ALIAS_OF_SYMBOL) &&
      wanted.has(line.slice(ALIAS_OF_SYMBOL.length, line.indexOf(' ', ALIAS_OF_SYMBOL.length))),
  );
  return new Map(aliases.map(({ pattern, module }) => [pattern.slice(SYMBOL.length), module]));
}
