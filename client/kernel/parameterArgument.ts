import { formatParameter, ParameterError } from '../../kmod/parameters';

/**
 * `name=value`, with the value as a person means it, as a word for insmod: quoted where the kernel needs it.
 * @throws ParameterError when it has no name, or when the kernel's syntax can not carry the value
 */
export function insmodArgument(assignment: string): string {
  const equals = assignment.indexOf('=');
  if (equals >= 0) {
    return formatParameter(assignment.slice(0, equals), assignment.slice(equals + 1));
  }
  // A parameter without a value means "y"; the check of its name is the same.
  formatParameter(assignment, 'y');
  return assignment;
}

/**
 * The same for modprobe, which quotes a value with a blank by itself. kmod's leaves one alone that is quoted;
 * BusyBox's quotes it twice.
 * @throws ParameterError
 */
export function modprobeArgument(assignment: string): string {
  const word = insmodArgument(assignment);
  if (!assignment.includes(' ')) {
    return word;
  }
  if (assignment.includes('"')) {
    const name = assignment.slice(0, assignment.indexOf('='));
    throw new ParameterError(name, 'modprobe can not pass a value with both blanks and double quotes');
  }
  return assignment;
}
