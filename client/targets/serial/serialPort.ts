import { connect } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { startProgram } from '../../../engine/base/startProgram';
import type { SerialPlace } from '../definition';
import type { SerialConsole } from './serialConsole';
import { Telnet } from './telnet';

const BAUD_RATE = 115_200;

/** Milliseconds before each attempt after a failure; the last goes on. An adapter is plugged in again, a board is powered. */
const DELAYS = [500, 1000, 2000, 5000];

/** Milliseconds. */
const CONNECT_LIMIT = 10_000;

/**
 * stty and the shell alone know a tty here: Node has no way to set a baud rate. HUPCL is taken away, as some boards
 * reset when DTR drops; CLOCAL is set first, as an open would wait for a modem without it. Where flock is there, a
 * console that two programs read is told: each would get half of it. Only the reader holds stdout, whose end thus
 * tells that the tty hung up; the end of stdin ends all of it, also when this process is killed.
 */
const FOLLOW_TTY = `
stty "$1" "$2" "$3" cs8 -parenb -cstopb -crtscts clocal cread -hupcl raw -echo || exit
exec 3<>"$2" || exit
if command -v flock >/dev/null && ! flock -n 3; then echo "another program uses it" >&2; exit 1; fi
echo open >&2
cat <&3 &
exec >&3
cat
kill $!
`;

/** Follows a serial console until the signal ends it: opens it again whenever it was lost. Never rejects. */
export async function followSerialPort(
  place: SerialPlace,
  serial: SerialConsole,
  { signal, delays = DELAYS }: { readonly signal: AbortSignal; readonly delays?: readonly number[] },
): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    let opened = false;
    const reason = await follow(place, serial, signal, () => {
      opened = true;
    });
    failures = opened ? 1 : failures + 1;
    if (!signal.aborted) {
      serial.close({ kind: 'waiting', reason });
      await pause(delays[Math.min(failures, delays.length) - 1] ?? 0, signal);
    }
  }
  serial.close();
}

/** Where it is, for a person. */
export function describePlace(place: SerialPlace): string {
  return 'device' in place
    ? `${place.device}, ${place.baudRate ?? BAUD_RATE} baud`
    : `${place.host}, port ${place.port}`;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}

/** Resolves with why it ended. */
function follow(
  place: SerialPlace,
  serial: SerialConsole,
  signal: AbortSignal,
  opened: () => void,
): Promise<string> {
  return 'device' in place
    ? followDevice(place.device, place.baudRate ?? BAUD_RATE, serial, signal, opened)
    : followSocket(place.host, place.port, serial, signal, opened);
}

function followSocket(
  host: string,
  port: number,
  serial: SerialConsole,
  signal: AbortSignal,
  opened: () => void,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    const telnet = new Telnet((bytes) => socket.write(bytes));
    const decoder = new StringDecoder('utf8');
    let reason = 'the other end closed it';
    const stop = (): void => {
      socket.destroy();
    };
    signal.addEventListener('abort', stop);
    socket.setTimeout(CONNECT_LIMIT, () => {
      reason = `no answer within ${CONNECT_LIMIT / 1000} s`;
      socket.destroy();
    });
    socket.on('connect', () => {
      socket.setTimeout(0);
      opened();
      serial.open((data) => socket.write(telnet.typed(data)));
    });
    socket.on('data', (chunk: Buffer) => serial.take(decoder.write(telnet.take(chunk))));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code === 'ECONNREFUSED' ? 'connection refused' : error.message;
    });
    socket.on('close', () => {
      signal.removeEventListener('abort', stop);
      resolve(reason);
    });
  });
}

function followDevice(
  device: string,
  baudRate: number,
  serial: SerialConsole,
  signal: AbortSignal,
  opened: () => void,
): Promise<string> {
  if (process.platform === 'win32') {
    return Promise.resolve('a serial device is read on Linux and macOS only; a console over TCP everywhere');
  }
  return new Promise((resolve) => {
    const option = process.platform === 'linux' ? '-F' : '-f';
    const child = startProgram('/bin/sh', ['-c', FOLLOW_TTY, 'sh', option, device, String(baudRate)], {
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const decoder = new StringDecoder('utf8');
    let said = '';
    const stop = (): void => {
      child.stdin.end();
    };
    signal.addEventListener('abort', stop);
    // A write to a console that is gone: its end tells.
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => serial.take(decoder.write(chunk))).on('end', stop);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (serial.state.kind !== 'open' && text.includes('open\n')) {
        opened();
        serial.open((data) => child.stdin.write(data));
      }
      said = (said + text).slice(-1000);
    });
    child.on('error', (error) => {
      said += error.message;
    });
    const ended = (): void => {
      signal.removeEventListener('abort', stop);
      resolve(explain(device, said));
    };
    child.on('close', ended);
  });
}

/** What the shell, stty and cat say, in a person's words. */
function explain(device: string, said: string): string {
  if (/Permission denied/.test(said)) {
    return `${device} may not be read by you. Add yourself to its group (sudo usermod -aG dialout $USER), and log in again`;
  }
  if (/No such file|No such device/.test(said)) {
    return `there is no ${device}. Is the adapter plugged in?`;
  }
  if (/Inappropriate ioctl|Not a typewriter/.test(said)) {
    return `${device} is no serial device`;
  }
  if (/another program uses it/.test(said)) {
    return `another program uses ${device}`;
  }
  const last =
    said
      .replace(/^open\n/, '')
      .trim()
      .split('\n')
      .at(-1) ?? '';
  return last === '' ? `${device} was closed: unplugged, or hung up` : last;
}
