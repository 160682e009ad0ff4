import { normalizeModuleName } from '../name';
import type { ModuleTree } from './moduleTree';
import { parseModulesAlias } from './parse';

/** The parameters of modules, by module name: `name:description (type)`, as modinfo prints them. */
export type ParameterTable = ReadonlyMap<string, readonly string[]>;

/** A module that a person may have searched, and what of it was found. */
export interface SearchHit {
  readonly module: string;
  readonly what: 'name' | 'device' | 'alias' | 'symbol' | 'parameter';
  /** The name, modalias, pattern or symbol; of a parameter what is told of it. */
  readonly text: string;
}

/**
 * The modules whose names, aliases, exported symbols or parameters hold a text, in any case and with `-` or `_`; a
 * whole modalias finds the modules that it stands for. The best come first; a module comes once for each reason.
 * @param parameters undefined: they are not searched
 * @param limit hits at most, for each reason
 */
export function searchTree(
  tree: ModuleTree,
  text: string,
  parameters: ParameterTable | undefined,
  limit: number,
): SearchHit[] {
  const wanted = text.trim();
  if (wanted === '') return [];
  const devices = wanted.includes(':') ? tree.resolve(wanted) : [];
  return [
    ...hits('device', once(devices.map((module): Found => [module, wanted])), limit),
    ...hits('name', namesWith(tree, wanted), limit),
    ...hits('alias', once(aliasesWith(tree, wanted)), limit),
    ...hits('symbol', once(symbolsWith(tree, wanted)), limit),
    ...hits('parameter', once(parametersWith(parameters ?? new Map(), wanted)), limit),
  ];
}

type Found = readonly [module: string, text: string];

const hits = (what: SearchHit['what'], found: Iterable<Found>, limit: number): SearchHit[] =>
  Array.from(first(found, limit), ([module, text]) => ({ module, what, text }));

/** The whole name first, then those that begin with the text. */
function namesWith(tree: ModuleTree, wanted: string): Found[] {
  const part = normalizeModuleName(wanted).toLowerCase();
  const rank = (name: string): number => (name === part ? 0 : name.startsWith(part) ? 1 : 2);
  return [...new Set([...tree.names, ...tree.builtinNames])]
    .filter((name) => name.toLowerCase().includes(part))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => [name, name]);
}

function* aliasesWith(tree: ModuleTree, wanted: string): Generator<Found> {
  for (const line of linesWith(tree.text('modules.alias'), wanted)) {
    const [alias] = parseModulesAlias(line);
    if (alias !== undefined && holds(alias.pattern, wanted)) yield [alias.module, alias.pattern];
  }
  for (const name of tree.builtinNames) {
    for (const { key, value } of tree.builtinInfo(name)?.entries ?? []) {
      if (key === 'alias' && holds(value, wanted)) yield [name, value];
    }
  }
}

function* symbolsWith(tree: ModuleTree, wanted: string): Generator<Found> {
  for (const line of linesWith(tree.text('modules.symbols'), wanted)) {
    const [alias] = parseModulesAlias(line);
    const symbol = alias?.pattern.replace(/^symbol:/, '');
    if (alias !== undefined && symbol !== undefined && holds(symbol, wanted)) yield [alias.module, symbol];
  }
}

function* parametersWith(parameters: ParameterTable, wanted: string): Generator<Found> {
  for (const [module, ofModule] of parameters) {
    for (const text of ofModule) if (holds(text, wanted)) yield [module, text];
  }
}

/** The first thing that was found of each module. */
function* once(found: Iterable<Found>): Generator<Found> {
  const seen = new Set<string>();
  for (const hit of found) {
    if (!seen.has(hit[0])) yield hit;
    seen.add(hit[0]);
  }
}

function* first<T>(items: Iterable<T>, limit: number): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count++ === limit) return;
    yield item;
  }
}

/** The lines that hold a text somewhere, with `-` for `_` and the other way. */
function* linesWith(text: string, wanted: string): Generator<string> {
  const pattern = wanted.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/[-_]/g, '[-_]');
  const expression = new RegExp(pattern, 'gi');
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    const end = text.indexOf('\n', match.index);
    yield text.slice(text.lastIndexOf('\n', match.index) + 1, end < 0 ? undefined : end);
    if (end < 0) return;
    expression.lastIndex = end;
  }
}

const holds = (text: string, wanted: string): boolean =>
  normalizeModuleName(text.toLowerCase()).includes(normalizeModuleName(wanted.toLowerCase()));
