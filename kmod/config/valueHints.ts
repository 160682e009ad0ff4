import type { ModuleParameter } from '../modinfo';

/** A value that a parameter takes. */
export interface ValueHint {
  readonly value: string;
  /** What the module's author says of it. */
  readonly meaning?: string;
}

/** param_set_bool() of kernel/params.c takes more; these are how the kernel itself writes them, and how people do. */
const BOOLEANS: readonly ValueHint[] = [
  { value: 'Y', meaning: 'on' },
  { value: 'N', meaning: 'off' },
  { value: '1', meaning: 'on' },
  { value: '0', meaning: 'off' },
];

/** Longer descriptions list no values that a person would read. */
const MAX_DESCRIPTION = 2000;

/** `0=off`, `1: on`, `-1 = auto`, `2 - both`, `0x1 => fast`; the next value may follow without a comma. */
const NUMBERED =
  /(?<![\w.=-])(-?(?:0x[\da-f]+|\d+))(?:\s*(?:==?>?|:)\s*|\s+-\s+)"?([a-z][^,;:=()[\]"|]*?)(?=[,;:=()[\]"|]|\.\s|\s(?:or\s|and\s)?-?(?:0x[\da-f]+|\d+)\s?[=:]|$)/gi;

/** `[on|off|auto]`, `(off|on)` */
const CHOICE = /[[({<]\s*([\w.-]+(?:\s*\|\s*[\w.-]+)+)\s*[\])}>]/;

/** The values that a parameter's type or description names; none where one can not tell. */
export function valueHints({ type, description = '' }: ModuleParameter): readonly ValueHint[] {
  const element = type?.replace(/^array of /, '');
  if (element === 'bool' || element === 'invbool' || element === 'bint') return BOOLEANS;
  const text = description.slice(0, MAX_DESCRIPTION).trimEnd();
  const numbered = [...text.matchAll(NUMBERED)].map(([, value = '', meaning = '']) => ({
    value,
    meaning: meaning.trim(),
  }));
  // One `1 = …` may be part of a sentence; two make a list.
  if (new Set(numbered.map(({ value }) => value)).size >= 2) return uniqueByValue(numbered);
  const choice = element === 'charp' || element === 'string' ? CHOICE.exec(text)?.[1] : undefined;
  return (choice ?? '').split('|').flatMap((value) => (value === '' ? [] : [{ value: value.trim() }]));
}

function uniqueByValue(hints: readonly ValueHint[]): ValueHint[] {
  const known = new Map<string, ValueHint>();
  for (const hint of hints) if (!known.has(hint.value)) known.set(hint.value, hint);
  return [...known.values()];
}
