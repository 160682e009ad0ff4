import * as vscode from 'vscode';
import { plainLines } from '../../kmod/plainText';

/** A log of the editor. What it is told may be a target's, so control characters in it are visible. */
export type LogChannel = Pick<
  vscode.LogOutputChannel,
  'debug' | 'info' | 'warn' | 'error' | 'show' | 'dispose'
>;

export function createLogChannel(name: string): LogChannel {
  const channel = vscode.window.createOutputChannel(name, { log: true });
  return {
    debug: (message) => channel.debug(plainLines(message)),
    info: (message) => channel.info(plainLines(message)),
    warn: (message) => channel.warn(plainLines(message)),
    error: (message) => channel.error(plainLines(String(message))),
    show: (preserveFocus) => channel.show(preserveFocus === true),
    dispose: () => channel.dispose(),
  };
}
