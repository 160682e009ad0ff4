import { need, parse, UsageError } from './arguments';
import { config } from './config';
import { resolve, showDepends } from './lookup';
import { modinfo } from './modinfo';
import { SYSTEM_OPTIONS, systemOf, type Answer } from './system';

const { config: _, ...KERNEL_OPTIONS } = SYSTEM_OPTIONS;

/** modinfo's options that name a field. */
const FIELDS: Readonly<Record<string, string>> = {
  author: 'author',
  description: 'description',
  license: 'license',
  parameters: 'parm',
  filename: 'filename',
};

const SHOW_DEPENDS_OPTIONS = {
  ...SYSTEM_OPTIONS,
  'use-blacklist': { type: 'boolean', short: 'b', default: false },
  'ignore-install': { type: 'boolean', short: 'i', default: false },
} as const;

const MODINFO_OPTIONS = {
  ...KERNEL_OPTIONS,
  'set-version': { type: 'string', short: 'k' },
  field: { type: 'string', short: 'F' },
  author: { type: 'boolean', short: 'a' },
  description: { type: 'boolean', short: 'd' },
  license: { type: 'boolean', short: 'l' },
  parameters: { type: 'boolean', short: 'p' },
  filename: { type: 'boolean', short: 'n' },
  null: { type: 'boolean', short: '0', default: false },
} as const;

/** What is asked of a system, as modprobe and modinfo are asked. Nothing is run or loaded. @throws UsageError */
export const QUERIES: Readonly<Record<string, (argv: string[]) => Promise<Answer>>> = {
  config(argv) {
    const { values, positionals } = parse(argv, SYSTEM_OPTIONS);
    if (positionals.length > 0) throw new UsageError(`config takes no ${positionals.join(' ')}`);
    return config(systemOf(values));
  },

  'show-depends'(argv) {
    const { values, positionals } = parse(argv, SHOW_DEPENDS_OPTIONS);
    const [name, ...parameters] = need(positionals, 'a name');
    const { 'use-blacklist': useBlacklist, 'ignore-install': ignoreInstall } = values;
    return showDepends(systemOf(values), name, { useBlacklist, ignoreInstall, parameters });
  },

  resolve(argv) {
    const { values, positionals } = parse(argv, SYSTEM_OPTIONS);
    const [name] = need(positionals, 'a name');
    return resolve(systemOf(values), name);
  },

  modinfo(argv) {
    const { values, positionals, tokens } = parse(argv, MODINFO_OPTIONS);
    // The last one counts.
    const field = tokens
      .map((token) => (token.kind === 'option' ? (FIELDS[token.name] ?? fieldOf(token)) : undefined))
      .findLast((name) => name !== undefined);
    return modinfo(systemOf(values), need(positionals, 'a file or a name'), { field, nul: values.null });
  },
};

function fieldOf({ name, value }: { readonly name: string; readonly value?: unknown }): string | undefined {
  return name === 'field' && typeof value === 'string' ? value : undefined;
}
