/** The directory of the public cases, which lies outside this repository: its licences stay with it. */
export const CONFORMANCE = directory();

function directory(): string {
  const named = process.env['KMOD_CONFORMANCE'];
  if (named === undefined) {
    throw new Error('KMOD_CONFORMANCE names no directory of conformance cases');
  }
  return named;
}
