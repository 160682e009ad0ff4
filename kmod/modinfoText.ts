import type { ModinfoEntry, ModuleInfo, ModuleParameter } from './modinfo';

export interface ModinfoOptions {
  /** As modinfo was asked for it; absent for a built-in module. */
  readonly fileName?: string;
  /** `-F`: only the values of this key, one a line. `-p` is the field "parm". */
  readonly field?: string;
  /** `-0`: what a NUL ends instead of a line feed; then also `key=value`. */
  readonly nul?: boolean;
}

/**
 * What kmod's `modinfo` prints of a module (tools/modinfo.c, modinfo_do()). encodeText gives its exact bytes.
 */
export function formatModinfo(info: ModuleInfo, options: ModinfoOptions = {}): string {
  const end = options.nul === true ? '\0' : '\n';
  const lines =
    options.field === undefined ? allLines(info, options) : fieldLines(info, options.field, options);
  return lines.length === 0 ? '' : lines.join(end) + end;
}

function allLines(info: ModuleInfo, { fileName, nul }: ModinfoOptions): string[] {
  const lines =
    fileName === undefined
      ? [labelled('name', info.name), labelled('filename', '(builtin)')]
      : [labelled('filename', fileName)];
  for (const { key, value } of listedEntries(info)) {
    if (key === 'parm' || key === 'parmtype') continue;
    lines.push(nul === true ? `${key}=${value}` : labelled(key, value));
  }
  for (const parameter of info.parameters.toReversed()) {
    lines.push(labelled('parm', parameterText(parameter)));
  }
  return lines;
}

function fieldLines(info: ModuleInfo, field: string, { fileName }: ModinfoOptions): string[] {
  if (field === 'filename') {
    return [fileName ?? '(builtin)'];
  }
  const head = field === 'name' && fileName === undefined ? [info.name] : [];
  const values =
    field === 'parm'
      ? info.parameters.map(shortParameterText).reverse()
      : listedEntries(info)
          .filter(({ key }) => key === field)
          .map(({ value }) => value);
  return [...head, ...values];
}

/** `key:` and blanks to column 16; modinfo's `%-*s` with a negative width fills to the left all the same. */
function labelled(key: string, value: string): string {
  return `${key}:${' '.repeat(Math.abs(15 - Buffer.byteLength(key)))}${value}`;
}

/** The .modinfo strings, and after them the signature as if it stood there too. */
function listedEntries({ entries, signature }: ModuleInfo): readonly ModinfoEntry[] {
  if (signature === undefined) {
    return entries;
  }
  return [
    ...entries,
    { key: 'sig_id', value: signature.idType },
    { key: 'signer', value: signature.signer },
    { key: 'sig_key', value: wrapHex(signature.keyId) },
    { key: 'sig_hashalgo', value: signature.hashAlgorithm },
    { key: 'signature', value: wrapHex(signature.signature) },
  ];
}

/** 20 bytes a line, `XX:` each. */
function wrapHex(hex: string): string {
  const lines: string[] = [];
  for (let start = 0; start < hex.length; start += 60) lines.push(hex.slice(start, start + 60));
  return lines.join('\n\t\t');
}

/** A parameter as modinfo prints it: `name:description (type)`, with one or both of the two. */
export function parameterText({ name, type, description }: ModuleParameter): string {
  if (description === undefined) {
    return `${name}:${type ?? ''}`;
  }
  return type === undefined ? `${name}:${description}` : `${name}:${description} (${type})`;
}

/** With -p and -F parm a parameter without description shows its type in brackets. */
function shortParameterText(parameter: ModuleParameter): string {
  return parameterText(parameter.description === undefined ? { ...parameter, description: '' } : parameter);
}
