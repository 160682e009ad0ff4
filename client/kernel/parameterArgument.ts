import { parseParameters } from '../../kmod/config/parameters';

/** A parameter can not be given to a module. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
}

/**
 * `name=value`, with the value as a person means it, as the word that carries it through the kernel's parser
 * (next_arg() in lib/cmdline.c): quoted where it must be. The kernel knows only `"`, and no escape.
 * @throws ParameterError when no word can carry it
 */
export function parameterArgument(assignment: string): string {
  const [name, value] = split(assignment);
  if (value === undefined) {
    return name;
  }
  // The kernel takes the byte A0 for a blank, so all beyond ASCII is quoted as well.
  const candidates = /^[\x21-\x7e]*$/.test(value) ? [`${name}=${value}`] : [];
  candidates.push(`${name}="${value}"`);
  const word = candidates.find((candidate) => carries(candidate, name, value));
  if (word === undefined || value.includes('\0')) {
    throw new ParameterError(`${name}: the kernel has no way to write ${JSON.stringify(value)} as a parameter`);
  }
  return word;
}

/** The same for modprobe, which by itself quotes a value with a blank (BusyBox's even one that is quoted). */
export function modprobeArgument(assignment: string): string {
  const [, value] = split(assignment);
  if (value?.includes(' ') !== true) {
    return parameterArgument(assignment);
  }
  parameterArgument(assignment);
  return assignment;
}

function split(assignment: string): [name: string, value: string | undefined] {
  const equals = assignment.indexOf('=');
  const name = equals < 0 ? assignment : assignment.slice(0, equals);
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) {
    throw new ParameterError(`${JSON.stringify(name)} is no parameter's name; write name=value`);
  }
  return [name, equals < 0 ? undefined : assignment.slice(equals + 1)];
}

function carries(candidate: string, name: string, value: string): boolean {
  const [word, ...rest] = parseParameters(candidate);
  const balanced = (candidate.split('"').length - 1) % 2 === 0;
  return rest.length === 0 && balanced && word?.name.text === name && (word.value?.text ?? '') === value;
}
