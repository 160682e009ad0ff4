import { decodeAlias } from '../../../kmod/modalias/decode';
import { allValues } from '../../../kmod/modinfo';
import { hardwareNames } from '../../kernel/hardwareNames';
import type { SymbolOrigins } from '../../kernel/moduleSurroundings';
import type { OpenedModule } from '../../kernel/openModuleFile';
import { aliasTable, importTable } from './moduleTables';
import type { Page, Table } from './page';

/** A page, and then the same with what other files tell. */
export async function showWithSurroundings(
  show: (page: Page) => void,
  opened: OpenedModule,
  page: Page,
  origins: (symbols: ReadonlySet<string>) => Promise<SymbolOrigins>,
): Promise<void> {
  show(page);
  const found = await surroundingTables(opened, origins);
  show({ ...page, tables: page.tables.map((table) => found.find(({ id }) => id === table.id) ?? table) });
}

/** The tables that other files tell more about: names of devices, exporters of symbols. */
export async function surroundingTables(
  { contents }: OpenedModule,
  findOrigins: (symbols: ReadonlySet<string>) => Promise<SymbolOrigins | undefined>,
): Promise<Table[]> {
  const aliases = allValues(contents.info, 'alias');
  const hasIds = aliases.some((alias) => decodeAlias(alias).registry !== undefined);
  const symbols = new Set(contents.imports.map(({ name }) => name));
  const [names, origins] = await Promise.all([
    hasIds ? hardwareNames() : undefined,
    symbols.size > 0 ? findOrigins(symbols) : undefined,
  ]);
  return [
    ...(names === undefined ? [] : [aliasTable(contents.info, names)]),
    ...(origins === undefined ? [] : [importTable(contents, origins)]),
  ];
}
