import type { Client } from 'ssh2';
import type { InteractiveRequest } from './sshAuthentication';

interface Ssh2Internals {
  readonly _protocol?: {
    readonly _handlers?: {
      USERAUTH_INFO_REQUEST?: (
        protocol: unknown,
        name: string,
        instructions: string,
        prompts: InteractiveRequest['prompts'],
      ) => void;
    };
  };
}

/**
 * Tells each request of keyboard-interactive. ssh2 itself answers one that asks nothing, and drops its text:
 * that is how PAM says why it refuses an account.
 */
export function onInteractiveRequest(client: Client, tell: (request: InteractiveRequest) => void): void {
  const handlers = (client as unknown as Ssh2Internals)._protocol?._handlers;
  const handle = handlers?.USERAUTH_INFO_REQUEST;
  if (handlers !== undefined && handle !== undefined) {
    handlers.USERAUTH_INFO_REQUEST = (protocol, name, instructions, prompts) => {
      tell({ name, instructions, prompts });
      handle(protocol, name, instructions, prompts);
    };
  }
}
