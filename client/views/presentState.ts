import { kernelTaints } from '../../kmod/kernelTaint';
import type { TargetStatus } from '../kernel/targetStatus';
import type { TargetDefinition } from '../targets/definition';
import type { ConsoleState } from '../targets/serial/serialConsole';
import type { TargetFacts } from '../targets/target';
import type { TargetState } from '../targets/targetManager';
import { formatDuration } from './format';

/** How a state looks; the Targets view, the status bar and the quick pick say the same. */
export interface Presentation {
  readonly icon: string;
  /** A theme colour; only ever a second signal. */
  readonly color?: string;
  readonly text: string;
  readonly detail: string | undefined;
  /** What stands behind the name in the status bar, where there is little room. */
  readonly short: string;
  readonly warns: boolean;
}

export function presentState(
  definition: TargetDefinition,
  state: TargetState,
  status?: TargetStatus,
): Presentation {
  const where = describeDefinition(definition);
  const plain = { detail: undefined, short: '', warns: false };
  switch (state.kind) {
    case 'disconnected':
      return {
        ...plain,
        icon: 'circle-outline',
        text: `${definition.kind === 'scratch' ? 'not started' : 'not connected'} · ${where}`,
        short: 'off',
      };
    case 'connecting':
      return { ...plain, icon: 'sync~spin', text: state.step ?? 'connecting…', short: '…' };
    case 'connected':
      return presentConnected(definition, state, presentActivity(state, status), where);
    case 'failed':
      return {
        icon: 'error',
        color: 'list.errorForeground',
        text: `not reached · ${where}`,
        detail: state.error.message,
        short: 'not reached',
        warns: true,
      };
    case 'lost': {
      const { retry, error } = state;
      return {
        icon: retry === undefined ? 'debug-disconnect' : retry.at === undefined ? 'sync~spin' : 'watch',
        color: 'list.warningForeground',
        text: `connection lost · ${retry === undefined ? where : presentRetry(retry)}`,
        detail: [error.message, retry?.failure?.message].filter((line) => line !== undefined).join('\n'),
        short: 'lost',
        warns: true,
      };
    }
    case 'rebooting':
      return {
        icon: 'sync~spin',
        text: `rebooting · ${presentRetry(state.retry)}`,
        detail: state.retry.failure?.message,
        short: 'rebooting',
        warns: true,
      };
  }
}

/** What a person must not forget of a connection is said beside the state. */
function presentConnected(
  definition: TargetDefinition,
  { target: { via } }: Extract<TargetState, { kind: 'connected' }>,
  activity: Pick<Presentation, 'icon' | 'color' | 'text' | 'short' | 'warns'>,
  where: string,
): Presentation {
  const detail = via === undefined ? where : `${where}\nthrough ${via}`;
  if (definition.kind !== 'ssh' || definition.ephemeralHostKey !== true) {
    return { ...activity, detail };
  }
  return {
    ...activity,
    text: `${activity.text} · host key not checked`,
    short: [activity.short, 'host key not checked'].filter((text) => text !== '').join(', '),
    warns: true,
    detail: `${detail}\nIts host key is not checked (ephemeralHostKey): whoever has this address can pose as it.`,
  };
}

function presentRetry({
  at,
  attempt,
  step,
}: {
  at: number | undefined;
  attempt: number;
  step?: string;
}): string {
  return at === undefined
    ? `${step ?? 'connecting…'} (attempt ${attempt})`
    : `next attempt at ${new Date(at).toLocaleTimeString(undefined, { hour12: false })}`;
}

function presentActivity(
  { facts, activity }: Extract<TargetState, { kind: 'connected' }>,
  status: TargetStatus | undefined,
): Pick<Presentation, 'icon' | 'color' | 'text' | 'short' | 'warns'> {
  const { release } = facts;
  switch (activity.kind) {
    case 'ready': {
      const parts = [
        release,
        ...(status === undefined
          ? []
          : [
              `up ${formatDuration(performance.now() - status.bootedAt)}`,
              `${Math.max(1, Math.round(status.latency))} ms`,
              ...(status.taint === undefined || status.taint === 0
                ? []
                : [`tainted ${letters(status.taint)}`]),
            ]),
      ];
      return {
        icon: 'circle-filled',
        color: 'testing.iconPassed',
        text: parts.join(' · '),
        short: '',
        warns: false,
      };
    }
    case 'busy':
      return {
        icon: 'loading~spin',
        text: `${release} · busy: ${activity.doing}`,
        short: 'busy',
        warns: false,
      };
    case 'unresponsive':
      return {
        icon: 'question',
        color: 'list.warningForeground',
        text: `${release} · does not answer`,
        short: 'does not answer',
        warns: true,
      };
  }
}

const letters = (taint: number): string =>
  kernelTaints(taint)
    .map(({ letter }) => letter)
    .join('');

/** Where a target is: "root@192.168.7.2:2222". */
function describeDefinition(definition: TargetDefinition): string {
  if (definition.kind === 'scratch') {
    return 'throw-away kernel in QEMU';
  }
  if (definition.kind === 'local') {
    return 'this computer';
  }
  const { user, host, port } = definition;
  return `${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}`;
}

/** What a connected target can do, a line each. */
export function describeFacts({ machine, tools, toolsVersion, root, user, kernel }: TargetFacts): string[] {
  const { lockdown, signaturesEnforced, unloads, mayLoad, modules } = kernel;
  return [
    `${machine}, ${toolsVersion ?? (tools === 'none' ? 'no insmod' : tools)}`,
    root === 'login' || root === 'none'
      ? `logged in as ${user}`
      : `logged in as ${user}, root through ${root}`,
    ...(signaturesEnforced === true ? ['only signed modules are loaded'] : []),
    ...(lockdown === undefined || lockdown === 'none' ? [] : [`locked down (${lockdown})`]),
    ...(modules === false ? ['its kernel has no loadable modules (CONFIG_MODULES)'] : []),
    ...(mayLoad === false ? ['modules can not be loaded there: no CAP_SYS_MODULE, as in a container'] : []),
    ...(unloads === false ? ['modules can not be unloaded'] : []),
  ];
}

/** How the serial console of a target does. */
export function describeConsole(state: ConsoleState): string {
  switch (state.kind) {
    case 'open':
      return 'its serial console is read';
    case 'waiting':
      return `its serial console is tried again: ${state.reason}`;
    case 'closed':
      return 'its serial console is not read';
  }
}

/** What is more to say of a connected target than its presentation does, a line each. */
export function describeStatus({ latency, taint }: TargetStatus): string[] {
  const taints = kernelTaints(taint ?? 0);
  return [
    `a command takes ${Math.max(1, Math.round(latency))} ms there and back`,
    ...(taint === undefined
      ? []
      : taints.length === 0
        ? ['the kernel is not tainted']
        : [
            `the kernel is tainted (${taint}):`,
            ...taints.map(({ letter, meaning }) => `${letter}: ${meaning}`),
          ]),
  ];
}
