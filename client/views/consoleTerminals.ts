import * as vscode from 'vscode';
import { plainText } from '../../kmod/plainText';
import { describePlace } from '../targets/serial/serialPort';
import type { SerialConsole } from '../targets/serial/serialConsole';
import type { SerialConsoles } from '../targets/serial/serialConsoles';
import type { TargetManager } from '../targets/targetManager';

/** Opens the serial console of a target in a terminal; undefined: the target has none. */
export function openConsoleTerminal(
  manager: TargetManager,
  consoles: SerialConsoles,
  name: string,
): vscode.Terminal | undefined {
  const serial = consoles.of(name);
  if (serial === undefined) {
    return undefined;
  }
  const definition = manager.definition(name);
  const place = definition?.kind === 'ssh' ? definition.serialConsole : undefined;
  const where = place === undefined ? 'in QEMU' : describePlace(place);
  const terminal = vscode.window.createTerminal({
    name: `${name} (serial console)`,
    pty: new ConsoleTerminal(serial, `serial console of ${name}, ${where}`, () => consoles.watch(name)),
    iconPath: new vscode.ThemeIcon('circuit-board'),
  });
  terminal.show();
  return terminal;
}

/** Milliseconds between two writes to the terminal, and the characters of each: what is more is left out. */
const PACE = 50;
const SHARE = 64 * 1024;

/** Shows a console, from what is kept of it on, and types on it. */
class ConsoleTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.written.event;
  private subscriptions: { dispose(): void }[] = [];
  private pending = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly serial: SerialConsole,
    private readonly title: string,
    private readonly watch: () => { dispose(): void },
  ) {}

  open(): void {
    this.tell(this.title);
    this.write(this.serial.text);
    this.subscriptions = [
      this.serial.onData((text) => this.write(text)),
      this.serial.onDidChangeState(() => this.tellState()),
      this.watch(),
    ];
    this.tellState();
  }

  close(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
    clearTimeout(this.timer);
  }

  handleInput(data: string): void {
    this.serial.send(data);
  }

  private tellState(): void {
    const { state } = this.serial;
    switch (state.kind) {
      case 'open':
        this.tell('open');
        break;
      case 'waiting':
        this.tell(`not open: ${state.reason}; trying again`);
        break;
      case 'closed':
        this.tell(state.reason === undefined ? 'not open' : `closed: ${state.reason}`);
        break;
    }
  }

  /** What is not the console's own stands in brackets, and dim. */
  private tell(text: string): void {
    this.write(`\r\n\x1b[0;2m[${plainText(text)}]\x1b[0m\r\n`);
  }

  private write(text: string): void {
    this.pending += text;
    if (this.pending.length > 2 * SHARE) {
      this.pending = `\r\n[…]\r\n${this.pending.slice(-SHARE)}`;
    }
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.written.fire(this.pending.slice(-SHARE));
      this.pending = '';
    }, PACE);
  }
}
