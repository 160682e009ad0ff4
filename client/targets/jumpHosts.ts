/** One hop of a ProxyJump. */
export interface JumpHost {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** The hops of a ProxyJump, "[user@]host[:port]" or URIs, a comma between; undefined for what is none. */
export const jumpHosts = (text: string): (JumpHost | undefined)[] => text.split(',').map(jumpHost);

function jumpHost(text: string): JumpHost | undefined {
  const hop = text.startsWith('ssh://') ? text.slice('ssh://'.length) : text;
  const at = hop.lastIndexOf('@');
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(hop.slice(at + 1)) ?? [];
  const host = bracketed ?? plain ?? '';
  return host === ''
    ? undefined
    : {
        host,
        ...(at < 0 ? {} : { user: hop.slice(0, at) }),
        ...(port === undefined ? {} : { port: Number(port) }),
      };
}
