import { readSeverities } from '../settings';
import { need, parse, UsageError } from './arguments';
import { check } from './check';
import { format } from './format';
import { FORMATS } from './reportFormats';
import { kmodVersionOf } from './system';
import { help } from './usage';

/** @returns the exit code. @throws UsageError */
export async function runCheck(argv: string[]): Promise<number> {
  const { values, positionals } = parse(argv, {
    format: { type: 'string', default: 'text' },
    severity: { type: 'string', multiple: true, default: [] },
    sysroot: { type: 'string', default: '' },
    'set-version': { type: 'string', short: 'S', default: '' },
    'kmod-version': { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (values.help) return help();
  const style = FORMATS.get(values.format);
  if (style === undefined) {
    throw new UsageError(`no such format: ${values.format} (${[...FORMATS.keys()].join(', ')})`);
  }
  const chosen = Object.fromEntries(values.severity.map(readSeverity));
  const settings = {
    severity: readSeverities({ diagnostics: { severity: chosen } }),
    kmod: await kmodVersionOf(values['kmod-version']),
  };
  return check(need(positionals, 'a path'), {
    directory: { sysroot: values.sysroot, release: values['set-version'] },
    settings,
    format: style,
  });
}

/** @returns the exit code. @throws UsageError */
export async function runFormat(argv: string[]): Promise<number> {
  const { values, positionals } = parse(argv, {
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  return values.help ? help() : format(need(positionals, 'a path'), values.check);
}

/** `CODE=LEVEL`. @throws UsageError */
function readSeverity(text: string): [code: string, level: string] {
  const [code = '', level = '', ...more] = text.split('=');
  const severity = readSeverities({ diagnostics: { severity: { [code]: level } } });
  if (more.length > 0 || Object.keys(severity).length === 0) {
    throw new UsageError(
      `no such severity: ${text} (a diagnostic's code, =, and error, warning, information, hint or off)`,
    );
  }
  return [code, level];
}
