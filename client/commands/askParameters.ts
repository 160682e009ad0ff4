import * as vscode from 'vscode';
import type { ModuleInfo, ModuleParameter } from '../../kmod/modinfo';
import { checkParameterValue, formatParameter, ParameterError } from '../../kmod/parameters';
import { CancelledError } from './cancellation';
import { plainSentence } from '../views/format';

/** ParameterValues by parameter name, as they were typed. */
export type ParameterValues = Readonly<Record<string, string>>;

/** Where the workspace remembers the parameters that a module was last loaded with. */
export const loadedWithKey = (name: string): string => `kmod.loadedWith.${name}`;

/** `name=value` each, the value as it was typed. */
export const assignments = (values: ParameterValues): string[] =>
  Object.entries(values).map(([name, value]) => `${name}=${value}`);

/**
 * Asks for the parameters of a load: a list of what the module declares, each edited in turn and checked
 * by its type, until "Load" is picked.
 * @throws CancelledError
 */
export async function askParameters(info: ModuleInfo, start: ParameterValues): Promise<ParameterValues> {
  let values = start;
  for (;;) {
    const picked = await pick(info, values);
    if (picked === 'load') {
      return values;
    }
    values = await edit(picked, info, values);
  }
}

async function pick(info: ModuleInfo, values: ParameterValues): Promise<'load' | ModuleParameter> {
  type Choice = vscode.QuickPickItem & { choice?: 'load' | ModuleParameter };
  const words = Object.entries(values).map(([name, value]) => formatParameter(name, value));
  const choices: Choice[] = [
    { label: '$(play) Load', description: ['insmod', info.name, ...words].join(' '), choice: 'load' },
    { label: 'Parameters', kind: vscode.QuickPickItemKind.Separator },
    // .modinfo has them in reverse of their order in the source.
    ...info.parameters.toReversed().map((parameter) => {
      const value = values[parameter.name];
      return {
        label: `$(symbol-parameter) ${parameter.name}`,
        description: `${value === undefined ? 'default' : `= ${value}`}   ${parameter.type ?? ''}`.trim(),
        detail: parameter.description ?? 'no description in the module',
        choice: parameter,
      };
    }),
  ];
  const picked = await vscode.window.showQuickPick(choices, {
    title: `Load ${info.name} with Parameters`,
    placeHolder:
      info.parameters.length === 0
        ? `${info.name} has no parameters`
        : 'Pick a parameter to set it, or Load; type to search',
    matchOnDescription: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  if (picked?.choice === undefined) {
    throw new CancelledError();
  }
  return picked.choice;
}

async function edit(
  parameter: ModuleParameter,
  info: ModuleInfo,
  values: ParameterValues,
): Promise<ParameterValues> {
  const value = await vscode.window.showInputBox({
    title: `${info.name}: ${parameter.name}`,
    prompt: plainSentence(
      [parameter.type, parameter.description, 'Empty: leave the default.']
        .filter((part) => part !== undefined)
        .join(' · '),
    ),
    value: values[parameter.name] ?? '',
    ignoreFocusOut: true,
    validateInput: (text) => {
      const problem = text === '' ? undefined : refuse(parameter, text);
      return problem === undefined ? undefined : plainSentence(problem);
    },
  });
  if (value === undefined) {
    return values;
  }
  const { [parameter.name]: _old, ...others } = values;
  return value === '' ? others : { ...others, [parameter.name]: value };
}

/** Why a value can not be given, by the parameter's type or by the kernel's syntax. */
function refuse(parameter: ModuleParameter, value: string): string | undefined {
  const problem = checkParameterValue(parameter, value);
  if (problem !== undefined) {
    return problem;
  }
  try {
    formatParameter(parameter.name, value);
    return undefined;
  } catch (error) {
    if (error instanceof ParameterError) {
      return error.message;
    }
    throw error;
  }
}
