/** The names of include/linux/stat.h and include/uapi/linux/stat.h. */
const NAMES = new Map<string, number>();
for (const [letter, bit] of [
  ['R', 4],
  ['W', 2],
  ['X', 1],
] as const) {
  NAMES.set(`S_I${letter}USR`, bit << 6)
    .set(`S_I${letter}GRP`, bit << 3)
    .set(`S_I${letter}OTH`, bit);
  NAMES.set(`S_I${letter}UGO`, (bit << 6) | (bit << 3) | bit);
}
NAMES.set('S_IRWXU', 0o700).set('S_IRWXG', 0o070).set('S_IRWXO', 0o007).set('S_IRWXUGO', 0o777);

/** The value of C that says permissions: a number, or names of stat.h with | or + between; undefined: other C. */
export function permissionsOf(text: string): number | undefined {
  const plain = text.replace(/[()\s]/g, '');
  if (plain.startsWith('-')) {
    const magnitude = termOf(plain.slice(1));
    return magnitude === undefined ? undefined : -magnitude;
  }
  return plain
    .split(/[|+]/)
    .map(termOf)
    .reduce((sum, term) => (sum === undefined || term === undefined ? undefined : sum | term), 0);
}

function termOf(term: string): number | undefined {
  const named = NAMES.get(term);
  if (named !== undefined) return named;
  if (/^0[0-7]+$/.test(term)) return parseInt(term, 8);
  return /^(0|[1-9]\d*|0[xX][0-9a-fA-F]+|0[bB][01]+)$/.test(term) ? Number(term) : undefined;
}

/** Why a module with such a parameter does not compile: VERIFY_OCTAL_PERMISSIONS of include/linux/kernel.h. */
export function refusalOf(permissions: number): string | undefined {
  const [user, group, others] = [permissions >> 6, permissions >> 3, permissions];
  if (permissions < 0 || permissions > 0o777) return 'it is not between 0 and 0777';
  if ((others & 2) !== 0) return 'everybody could write the parameter';
  if ((user & 4) < (group & 4)) return 'the group could read the parameter, but its owner could not';
  if ((group & 4) < (others & 4)) return 'others could read the parameter, but its group could not';
  if ((user & 2) < (group & 2)) return 'the group could write the parameter, but its owner could not';
  return undefined;
}

/** As ls -l prints them: rw-r--r--. */
export function formatPermissions(permissions: number): string {
  return [6, 3, 0]
    .map((shift) => permissions >> shift)
    .map((bits) => `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`)
    .join('');
}

/** 0644, as C writes it. */
export function octal(permissions: number): string {
  return permissions === 0 ? '0' : `0${permissions.toString(8).padStart(3, '0')}`;
}
