/** A module's name as the kernel keeps it: '-' and '_' are one (kmod's underscores()). */
export function normalizeModuleName(name: string): string {
  return name.includes('-') ? name.replaceAll('-', '_') : name;
}

/** The module that a file holds, by its name: `drivers/net/foo-bar.ko.xz` is foo_bar. */
export function moduleNameOfPath(path: string): string {
  return normalizeModuleName(fileNameOfModule(path));
}

/** What a module's file is called, without `.ko`: `drivers/net/foo-bar.ko.xz` is foo-bar. */
export function fileNameOfModule(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return file.endsWith('.ko') ? file.slice(0, -3) : file.replace(/\.ko(\.(gz|xz|zst))?$/, '');
}

/**
 * True for what may stand where a command expects a module's name: no option, path or shell text passes.
 * The kernel's own limit is MODULE_NAME_LEN, 56 bytes with the final NUL on 64-bit kernels.
 */
export function isModuleName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_-]{0,54}$/.test(text);
}
