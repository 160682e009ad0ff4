import { MODULE_MACROS, type ModuleMacro } from '../../../kmod/source/macros';
import type { MacroArgument, MacroCall, SourceScan } from '../../../kmod/source/scan';

/** What stands, or may stand, at a place of a C file, as far as it concerns modules. */
export type SourceSite =
  | { readonly kind: 'macro'; readonly call: MacroCall; readonly macro: ModuleMacro }
  | {
      readonly kind: 'argument';
      readonly call: MacroCall;
      readonly parameter: ModuleMacro['parameters'][number];
      readonly argument: MacroArgument;
    };

/** undefined: no module macro is there. */
export function sourceSiteAt({ calls }: SourceScan, offset: number): SourceSite | undefined {
  const call = calls.find(({ span }) => span.start <= offset && offset <= span.end);
  const macro = call && MODULE_MACROS.get(call.name);
  if (call === undefined || macro === undefined) return undefined;
  if (offset <= call.nameSpan.end) return { kind: 'macro', call, macro };
  const { inside } = call;
  if (offset < inside.start || offset > inside.end) return undefined;
  const none: MacroArgument = { span: { start: offset, end: offset }, text: '', room: inside };
  const given = call.arguments.length === 0 ? [none] : call.arguments;
  const index = given.findIndex(({ room }) => room.start <= offset && offset <= room.end);
  const [argument, parameter] = [given[index], macro.parameters[index]];
  return argument && parameter && { kind: 'argument', call, parameter, argument };
}
