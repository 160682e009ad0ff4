import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position, SignatureHelp } from 'vscode-languageserver-types';
import type { ModuleParameter } from '../../../kmod/modinfo';
import { sameParameterName } from '../../../kmod/parameters';
import type { Catalog, FoundModule } from '../../catalog/catalog';
import type { SyntaxCache } from '../documents';
import { describeParameter, markupOf } from '../markdown';
import { siteAt } from '../site';

/** Longer signatures fill the screen: of a module with many parameters only the one at the cursor is shown. */
const MAX_LABEL = 160;

/** In `options MODULE key=value`: which parameter it is, of what type, and what it does. */
export class SignatureHelps {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
  ) {}

  /** undefined: the cursor is not at a parameter that the module has. */
  async at(
    document: TextDocument,
    position: Position,
    signal: AbortSignal,
  ): Promise<SignatureHelp | undefined> {
    const syntax = this.syntaxes.get(document);
    const site = syntax && siteAt(syntax, document.offsetAt(position));
    if (site?.kind !== 'value' && site?.kind !== 'parameter') return undefined;
    const name = site.kind === 'value' ? site.parameter : site.text;
    const module = await this.catalog.get(site.module, signal);
    const parameter = module?.info.parameters.find((candidate) => sameParameterName(candidate.name, name));
    return module && parameter && signatureOf(module, parameter);
  }
}

function signatureOf(module: FoundModule, active: ModuleParameter): SignatureHelp {
  const all = module.info.parameters;
  const shown = labelOf(module, all).label.length <= MAX_LABEL ? all : [active];
  const { label, places } = labelOf(module, shown);
  return {
    signatures: [
      {
        label,
        parameters: shown.map((parameter, index) => ({
          label: places[index] ?? [0, 0],
          documentation: markupOf(describeParameter(module, parameter)),
        })),
      },
    ],
    activeSignature: 0,
    activeParameter: shown.indexOf(active),
  };
}

/** `hello count=int who=charp`, and where in it each parameter stands. */
function labelOf(
  { info }: FoundModule,
  parameters: readonly ModuleParameter[],
): { label: string; places: [number, number][] } {
  let label = info.name;
  const places = parameters.map(({ name, type = 'value' }): [number, number] => {
    const start = label.length + 1;
    label = `${label} ${name}=${type}`;
    return [start, label.length];
  });
  return { label, places };
}
