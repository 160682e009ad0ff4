import { decodeText, encodeText } from '../text';
import type { Complaint } from './configurationFiles';
import { foldName } from './parse';

/** What kmod takes from the kernel command line: the arguments that the kernel would give to a module. */
export interface KernelArgument {
  readonly kind: 'options' | 'blacklist';
  readonly module: string;
  /** `param` or `param=value`; '' for a blacklist entry. */
  readonly value: string;
}

/** libkmod's buffer has 4096 bytes, and a NUL at the end. */
const MAX_BYTES = 4095;

const BLANK = /[ \n\t\v\f\r\0]/;

/**
 * Reads /proc/cmdline as kmod_config_parse_kcmdline() in libkmod-config.c does: `module.param[=value]`, a value or
 * a whole argument in double quotes, and `modprobe.blacklist=NAME,…`, whose names stay as they are written.
 */
export function parseKernelCommandLine(text: string): {
  readonly arguments: readonly KernelArgument[];
  readonly complaints: readonly Complaint[];
} {
  const found: KernelArgument[] = [];
  const complaints: Complaint[] = [];
  for (const { module, parameter } of readArguments(cut(text))) {
    if (module === 'modprobe' && parameter.startsWith('blacklist=')) {
      const names = parameter.slice('blacklist='.length).split(',');
      found.push(...names.map((name) => ({ kind: 'blacklist', module: name, value: '' }) as const));
      continue;
    }
    const name = foldName(module);
    if (name === undefined) complaints.push(complainAbout(module));
    else found.push({ kind: 'options', module: name, value: parameter.replaceAll('\t', ' ') });
  }
  return { arguments: found, complaints };
}

function cut(text: string): string {
  const nul = text.indexOf('\0');
  const line = nul < 0 ? text : text.slice(0, nul);
  return line.length * 3 <= MAX_BYTES ? line : decodeText(encodeText(line).subarray(0, MAX_BYTES));
}

interface RawArgument {
  readonly module: string;
  readonly parameter: string;
}

function* readArguments(line: string): Generator<RawArgument> {
  let state: 'ignore' | 'module' | 'parameter' | 'value' = 'module';
  let inQuotes = false;
  /** The argument began with a quote: a boot loader has moved it there from the value. */
  let quoted = false;
  let start = 0;
  let dot = 0;
  let equals = 0;
  for (let at = 0; at <= line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') {
      inQuotes = !inQuotes;
      if (inQuotes && state === 'module' && at === start) {
        quoted = true;
        start = at + 1;
      } else if (state !== 'value') {
        state = 'ignore';
      }
    } else if (character === '' || BLANK.test(character)) {
      if (inQuotes) {
        // Only a value may hold blanks.
        if (state !== 'value') state = 'ignore';
        continue;
      }
      if (state === 'value' || state === 'parameter') {
        const parameter = quoted
          ? `${line.slice(dot + 1, equals + 1)}"${line.slice(equals + 1, at)}`
          : line.slice(dot + 1, at);
        yield { module: line.slice(start, dot), parameter };
      }
      start = at + 1;
      state = 'module';
      quoted = false;
    } else if (character === '.') {
      if (state === 'module') {
        dot = at;
        state = 'parameter';
      } else if (state === 'parameter') {
        state = 'ignore';
      }
    } else if (character === '=') {
      if (state === 'parameter') {
        equals = at;
        state = 'value';
      } else if (state === 'module') {
        state = 'ignore';
      }
    }
  }
}

/** underscores() has folded the name up to the bracket that has no partner. */
function complainAbout(module: string): Complaint {
  const good = /^(?:\[[^\]]*\]|[^[\]])*/.exec(module)?.[0] ?? '';
  const folded = (foldName(good) ?? good) + module.slice(good.length);
  return {
    reporter: 'kcmdline_parse_result',
    text: `Ignoring bad option on kernel command line while parsing module name: '${folded}'`,
  };
}
