import * as vscode from 'vscode';
import { plainLines } from '../../kmod/plainText';

/** A log of the editor. What it is told may be a target's: control characters are visible, and an entry has an end. */
export type LogChannel = vscode.LogOutputChannel;

/** Characters of an entry. */
const ENTRY_LIMIT = 64 * 1024;

export function createLogChannel(name: string): LogChannel {
  const channel = vscode.window.createOutputChannel(name, { log: true });
  let disposed = false;
  // What ends after the extension has nothing to tell it to.
  const teller =
    (tell: (entry: string) => void) =>
    (...parts: unknown[]): void => {
      if (!disposed) tell(entryOf(parts));
    };
  return {
    name: channel.name,
    get logLevel() {
      return channel.logLevel;
    },
    onDidChangeLogLevel: channel.onDidChangeLogLevel,
    trace: teller((entry) => channel.trace(entry)),
    debug: teller((entry) => channel.debug(entry)),
    info: teller((entry) => channel.info(entry)),
    warn: teller((entry) => channel.warn(entry)),
    error: teller((entry) => channel.error(entry)),
    append: teller((entry) => channel.append(entry)),
    appendLine: teller((entry) => channel.appendLine(entry)),
    replace: teller((entry) => channel.replace(entry)),
    clear: () => channel.clear(),
    show: (...where: unknown[]) => channel.show(where.at(-1) === true),
    hide: () => channel.hide(),
    dispose: () => {
      disposed = true;
      channel.dispose();
    },
  };
}

function entryOf(parts: readonly unknown[]): string {
  const text = parts.map(String).join(' ');
  const left = text.length - ENTRY_LIMIT;
  return left > 0 ? `${plainLines(text.slice(0, ENTRY_LIMIT))}… (${left} characters more)` : plainLines(text);
}
