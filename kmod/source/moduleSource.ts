import { MODULE_MACROS, type MacroArgumentKind } from './macros';
import { scanSource, type MacroArgument, type MacroCall, type SourceScan } from './scan';

/** Where C source makes a parameter of its module. */
export interface SourceParameter {
  readonly name: MacroArgument;
  readonly call: MacroCall;
}

/** Finds the module macros of a C file. Any text is taken; nothing throws. */
export function scanModuleSource(text: string): SourceScan {
  return scanSource(text, (name) => MODULE_MACROS.has(name));
}

/** The argument of a call that is of a kind; undefined: the macro has none, or it is not written yet. */
export function argumentOf(call: MacroCall, kind: MacroArgumentKind): MacroArgument | undefined {
  const index =
    MODULE_MACROS.get(call.name)?.parameters.findIndex((parameter) => parameter.kind === kind) ?? -1;
  return call.arguments[index];
}

/** The parameters that a file makes, those below an #if too, but none that a macro of its own makes. */
export function parametersOf({ calls }: SourceScan): SourceParameter[] {
  return calls.flatMap((call) => {
    const name = argumentOf(call, 'parameter');
    return name === undefined || call.place === 'template' ? [] : [{ name, call }];
  });
}
