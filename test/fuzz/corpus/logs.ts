import type { Pump } from '../reader';

/** Lines of a target's kernel log: of a console, of dmesg, of a tool. */
export const LOG_RECIPES: Readonly<Record<string, Pump>> = {
  'one long word': (bytes) => Buffer.alloc(bytes, 'x'),
  'lines of long words': (bytes) => Buffer.alloc(bytes, `${'x'.repeat(8000)}\n`),
  'one long word of quotes': (bytes) => Buffer.alloc(bytes, "`'"),
  'beginnings of a vermagic': (bytes) => Buffer.alloc(bytes, "version magic '"),
  'beginnings of a value': (bytes) => Buffer.alloc(bytes, "' invalid for parameter `"),
  'beginnings of an ignored parameter': (bytes) => Buffer.alloc(bytes, "unknown parameter '"),
  lockdowns: (bytes) => Buffer.alloc(bytes, 'Lockdown: '),
  errors: (bytes) => Buffer.alloc(bytes, 'ERROR:'),
  'stamps of blanks': (bytes) => Buffer.concat([Buffer.from('['), Buffer.alloc(bytes, ' ')]),
};

export const CONSOLE_RECIPES: Readonly<Record<string, Pump>> = {
  'line ends that are none': (bytes) => Buffer.concat([Buffer.alloc(bytes, '\r'), Buffer.from('x\n')]),
  'beginnings of a panic': (bytes) => Buffer.alloc(bytes, 'Kernel panic - not syncing: '),
  'a line without an end': (bytes) => Buffer.alloc(bytes, 'x'),
};

/** What ssh prints with a server's words in it. */
export const SSH_RECIPES: Readonly<Record<string, Pump>> = {
  'beginnings of a keyword': (bytes) => Buffer.alloc(bytes, 'keyword '),
  'beginnings of a mismatch': (bytes) => Buffer.alloc(bytes, 'no matching '),
  'beginnings of an unknown key': (bytes) => Buffer.alloc(bytes, 'No '),
  'beginnings of a changed key': (bytes) => Buffer.alloc(bytes, 'Offending x key in '),
};
