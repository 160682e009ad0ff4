/** path_make_absolute_cwd() in shared/util.c; a sysroot is entered at its root. */
export function absolutePath(sysroot: string, path: string): string {
  if (path.startsWith('/')) return path;
  return `${sysroot === '' ? process.cwd() : '/'}/${path}`;
}
