import type { SerialConsole } from '../client/targets/serial/serialConsole';

/** Resolves when it is so, as what the console prints and its state tell. */
export function whenSerial(serial: SerialConsole, so: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (so()) {
        subscriptions.forEach((one) => one.dispose());
        resolve();
      }
    };
    const subscriptions = [serial.onData(look), serial.onDidChangeState(look)];
    look();
  });
}
