import { TargetLostError } from '../targets/errors';
import type { Log } from '../targets/log';
import type { Target, TargetFacts } from '../targets/target';
import { execute } from './command';
import { probeFacts } from './probeFacts';
import { sweepTemporaryFiles } from './temporaryFiles';

/**
 * Reads what a target is that was just connected, and removes what an earlier connection has left there.
 * @throws all that Target.run throws, CommandFailedError
 */
export async function welcomeTarget(target: Target, signal: AbortSignal, log: Log): Promise<TargetFacts> {
  const facts = await execute(target, probeFacts, signal);
  try {
    await sweepTemporaryFiles(target, facts, signal);
  } catch (error) {
    if (signal.aborted || error instanceof TargetLostError) {
      throw error;
    }
    log('warn', `${target.name}: files of an earlier connection may be left there: ${String(error)}`);
  }
  return facts;
}
