import { cutLine } from '../../kmod/text';
import { logLine } from './kernelLog';

/** What is known of an insmod or modprobe that failed. */
export interface FailureFacts {
  readonly module: string;
  readonly stderr: string;
  /** What the kernel logged meanwhile, as dmesg prints it. */
  readonly kernelLog: readonly string[];
}

type Explain = (facts: FailureFacts, match: RegExpExecArray) => string;

/**
 * The kernel's own lines tell the cause where an errno cannot. The first that matches speaks. No expression begins
 * with what repeats, or has two things in a row that do: a module prints what it likes.
 */
const KERNEL_LINES: readonly (readonly [RegExp, Explain])[] = [
  [
    /disagrees about version of symbol (\S+)/,
    (_, [, symbol]) =>
      `it was built against another kernel: the CRC of ${symbol} differs. Build it against the target's kernel`,
  ],
  [
    /no symbol version for (\S+)/,
    (_, [, symbol]) =>
      `it has no CRC for ${symbol}: build it with the Module.symvers of the target's kernel and of the modules it uses`,
  ],
  [
    /version magic '([^']*)' should be '([^']*)'/,
    (_, [, its, kernels]) =>
      `it was built for "${its?.trim()}", and this kernel is "${kernels?.trim()}" (vermagic). Build it against the target's kernel`,
  ],
  [/Unknown symbol /, ({ kernelLog }) => unknownSymbols(kernelLog)],
  [
    /' invalid for parameter [`']([^'`]*)/,
    (_, match) => `the parameter ${match[1]} does not take "${quotedBefore(match)}"`,
  ],
  [
    /: string parameter too long|string doesn't fit in \d+ chars/,
    ({ module }) => `a text parameter of ${module} is too long`,
  ],
  [
    /: can only take (\d+) arguments/,
    (_, match) => `the parameter ${wordBefore(match)} takes at most ${match[1]} values`,
  ],
  [
    /: unsigned module loading/,
    () => 'the kernel is locked down and loads no unsigned module. Sign it with a key that the kernel trusts',
  ],
  [
    /Loading of (?:unsigned module|module with unsupported crypto|module with unavailable key) is rejected/,
    () => 'the kernel loads only modules that are signed with a key it trusts',
  ],
  [
    /Invalid (?:ELF header magic|architecture in ELF header)/,
    () => "it is no module for this machine's architecture",
  ],
  [
    /(?:\.gnu\.linkonce\.)?this_module(?: section)? size (?:mismatch|must match)/i,
    () => 'it was built for a kernel with another configuration. Build it against the target’s kernel',
  ],
  [
    /is (?:blacklisted|not allowed)|module_blacklist/i,
    () => 'the kernel command line forbids it (module_blacklist=)',
  ],
  [
    /Oops|BUG: |general protection fault/,
    ({ module }) =>
      `the kernel crashed (oops) while it initialised ${module}. The module can not be unloaded any more; restart the target`,
  ],
];

/** errno's texts, as kmod, BusyBox and the C library write them. */
const ERRORS: readonly (readonly [RegExp, Explain])[] = [
  [/File exists/i, ({ module }) => `${module} is already loaded. Reload it to load the new file`],
  [
    /Invalid module format|Exec format error/i,
    () => 'it is no module for this kernel (invalid module format)',
  ],
  [
    /wrong symbol version/i,
    () => "it was built against another kernel. Build it against the target's kernel",
  ],
  // BusyBox has one text for ENOENT, whatever caused it.
  [/Unknown symbol in module/i, () => 'it needs a symbol that no loaded module exports (unknown symbol)'],
  [
    /Key was rejected|Required key not available/i,
    () => 'the kernel loads only modules that are signed with a key it trusts',
  ],
  [
    /Operation not permitted/i,
    () =>
      'the kernel does not permit it: it may be locked down, or module loading may be switched off (kernel.modules_disabled)',
  ],
  [/Cannot allocate memory|Out of memory/i, () => 'the target has not enough memory for it'],
  [
    /Invalid (?:parameters|argument)/i,
    ({ module }) =>
      `${module}, or the kernel, rejected it with EINVAL (invalid argument): a parameter's value, or something its init function checks`,
  ],
  [/No such device/i, ({ module }) => `the init function of ${module} found no device it drives (ENODEV)`],
  [
    /Device or resource busy/i,
    ({ module }) => `the init function of ${module} found its resource in use (EBUSY)`,
  ],
  [/not found in (?:directory|modules\.dep)/i, ({ module }) => `${module} is not installed on the target`],
];

/**
 * Why a load failed, in one clause for people, from what the kernel logged and what the tool printed
 * (kmod's or BusyBox's). A cause that is not known gives the tool's own words.
 */
export function explainLoadFailure(failure: FailureFacts): string {
  const facts = { ...failure, stderr: cutLine(failure.stderr), kernelLog: failure.kernelLog.map(logLine) };
  for (const line of facts.kernelLog) {
    for (const [pattern, explain] of KERNEL_LINES) {
      const match = pattern.exec(line);
      if (match !== null) {
        return explain(facts, match);
      }
    }
  }
  for (const [pattern, explain] of ERRORS) {
    const match = pattern.exec(facts.stderr);
    if (match !== null) {
      return explain(facts, match) + quoteModule(facts);
    }
  }
  return facts.stderr === '' ? 'it failed without a word' : facts.stderr.replace(/^.*?ERROR: /, '');
}

/** What stands in quotation marks up to where an expression matched. */
function quotedBefore({ input, index }: RegExpExecArray): string {
  const begin = /[`']/.exec(input)?.index ?? index;
  return input.slice(begin + 1, Math.max(begin + 1, index));
}

const wordBefore = ({ input, index }: RegExpExecArray): string =>
  input.slice(input.lastIndexOf(' ', index - 1) + 1, index);

/** What the module itself said before it failed is the best that an errno can be given. */
function quoteModule({ module, kernelLog }: FailureFacts): string {
  const said = kernelLog.filter((line) => line.startsWith(`${module}: `));
  const last = said.findLast((line) => !/loading out-of-tree module|module verification failed/.test(line));
  return last === undefined ? '' : `. It said: "${last}"`;
}

function unknownSymbols(kernelLog: readonly string[]): string {
  const names = kernelLog.flatMap((line) => /Unknown symbol (\S+)/.exec(line)?.[1] ?? []);
  const symbols = [...new Set(names)];
  const shown =
    symbols.slice(0, 3).join(', ') + (symbols.length > 3 ? `, and ${symbols.length - 3} more` : '');
  return symbols.length === 1
    ? `no loaded module exports the symbol ${shown} (unknown symbol). Load the module that exports it first`
    : `no loaded module exports the symbols ${shown} (unknown symbol). Load the modules that export them first`;
}

/** Parameters that the kernel ignored while it loaded a module all the same. */
export function ignoredParameters(kernelLog: readonly string[]): string[] {
  return kernelLog.flatMap((line) => /unknown parameter [`']([^'`]*)' ignored/.exec(line)?.[1] ?? []);
}
