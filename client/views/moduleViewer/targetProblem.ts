import type { TargetDefinition } from '../../targets/definition';
import type { TargetState } from '../../targets/targetManager';
import { presentState } from '../presentState';
import type { Problem } from './page';

/** Which module, and where; all that a page remembers from one window to the next. */
export interface TargetModuleName {
  readonly target: string;
  readonly module: string;
}

/** A target's module can not be shown now. */
export class NotShownError extends Error {
  override readonly name = 'NotShownError';
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

const title = ({ target, module }: TargetModuleName): string => `${module} of ${target} is not read`;

/** Why a module can not be read from its target now, and what to do; undefined: the target is there. */
export function awayProblem(
  name: TargetModuleName,
  definition: TargetDefinition | undefined,
  state: TargetState,
): Problem | undefined {
  const { target } = name;
  if (definition === undefined) {
    return {
      title: title(name),
      message: `There is no target ${target} any more.`,
      advice: 'This page is filled when there is one of that name again.',
    };
  }
  if (state.kind === 'connected') {
    return undefined;
  }
  const { text, detail } = presentState(definition, state);
  return {
    title: title(name),
    message: [`${target}: ${text}`, detail].filter((line) => line !== undefined).join('\n'),
    advice: 'This page shows the module that is installed there, once it is connected.',
    ...(state.kind === 'connecting' ? {} : { action: 'connect' }),
  };
}

export const notInstalledProblem = (name: TargetModuleName): Problem => ({
  title: title(name),
  message: `${name.target} has no file of ${name.module}: it is built into the kernel that runs there now, or not installed for it.`,
  advice: 'When you have installed it and run depmod, try again.',
  action: 'retry',
});
