import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Hover, Position } from 'vscode-languageserver-types';
import type { Span } from '../../../kmod/config/lines';
import { code, codeBlock, joinMarkdown, prose, type Markdown } from '../../../kmod/markdown';
import type { ModuleMacro } from '../../../kmod/source/macros';
import { argumentOf, parametersOf } from '../../../kmod/source/moduleSource';
import { formatPermissions, octal, permissionsOf, refusalOf } from '../../../kmod/source/permissions';
import type { MacroArgument, SourceScan } from '../../../kmod/source/scan';
import { stringOf } from '../../../kmod/source/strings';
import { DEVICE_TYPES, LICENSES, PARAMETER_TYPES, type KnownWord } from '../../../kmod/source/vocabulary';
import { rangeOf } from '../documents';
import { markupOf } from '../markdown';
import type { SourceScans } from './scans';
import { sourceSiteAt, type SourceSite } from './site';
import type { ModuleSources, SourceModule } from './sources';

export class SourceHovers {
  constructor(
    private readonly scans: SourceScans,
    private readonly sources: ModuleSources,
  ) {}

  async at(document: TextDocument, position: Position, signal: AbortSignal): Promise<Hover | undefined> {
    const offset = document.offsetAt(position);
    const scan = this.scans.get(document);
    const site = sourceSiteAt(scan, offset);
    if (site === undefined) return undefined;
    const modules = await this.sources.get(document.uri, signal);
    if (modules === undefined) return undefined;
    const [value, span] = describe(site, scan, modules, offset);
    return value === undefined ? undefined : { contents: markupOf(value), range: rangeOf(document, span) };
  }
}

function describe(
  site: SourceSite,
  scan: SourceScan,
  modules: readonly SourceModule[],
  offset: number,
): [Markdown | undefined, Span] {
  if (site.kind === 'macro') return [describeMacro(site.macro), site.call.nameSpan];
  const { argument } = site;
  const isThere = argument.span.start <= offset && offset <= argument.span.end && argument.text !== '';
  return [isThere ? describeArgument(site, scan, modules) : undefined, argument.span];
}

function describeMacro({ name, parameters, meaning }: ModuleMacro): Markdown {
  const synopsis = `${name}(${parameters.map(({ label }) => label).join(', ')})`;
  return joinMarkdown([codeBlock(synopsis), meaning]);
}

function describeArgument(
  { parameter: { kind }, argument }: SourceSite & { readonly kind: 'argument' },
  scan: SourceScan,
  modules: readonly SourceModule[],
): Markdown | undefined {
  switch (kind) {
    case 'license':
      return describeWord(LICENSES, stringOf(argument)?.text);
    case 'type':
      return describeWord(PARAMETER_TYPES, argument.text);
    case 'device-type':
      return describeWord(DEVICE_TYPES, argument.text);
    case 'permissions':
      return describePermissions(argument);
    case 'parameter':
    case 'described-parameter':
      return describeParameter(argument.text, scan, modules);
    case 'alias':
    case 'soft-dependencies':
    case 'code':
      return undefined;
  }
}

function describeWord(known: readonly KnownWord[], text: string | undefined): Markdown | undefined {
  const word = known.find(({ name }) => name === text);
  return word && prose`**${word.name}** — ${word.meaning}`;
}

function describePermissions({ text }: MacroArgument): Markdown | undefined {
  const value = permissionsOf(text);
  if (value === undefined) return undefined;
  const refusal = refusalOf(value);
  if (refusal !== undefined) return prose`The kernel does not compile these permissions: ${refusal}.`;
  return value === 0
    ? prose`No file in /sys/module/MODULE/parameters.`
    : prose`**${octal(value)}** — ${code(formatPermissions(value))} in /sys/module/MODULE/parameters`;
}

/** A parameter as modinfo tells it, and how it is set. */
function describeParameter(
  name: string,
  scan: SourceScan,
  modules: readonly SourceModule[],
): Markdown | undefined {
  const scans = [scan, ...modules.flatMap(({ files }) => files.map((file) => file.scan))];
  const parameter = scans.flatMap(parametersOf).find((candidate) => candidate.name.text === name);
  if (parameter === undefined) return undefined;
  const type = argumentOf(parameter.call, 'type')?.text;
  const calls = scans.flatMap((each) => each.calls);
  const described = calls.find((call) => argumentOf(call, 'described-parameter')?.text === name);
  const description = described?.arguments[1] && stringOf(described.arguments[1])?.text;
  return joinMarkdown([
    type === undefined ? prose`**${name}**` : prose`**${name}** (${type})`,
    description,
    ...modules.map((module) => code(`insmod ${module.name}.ko ${name}=…`)),
  ]);
}
