/** Characters of `uname -r` at most: __NEW_UTS_LEN in include/uapi/linux/utsname.h. */
const MAX_LENGTH = 64;

/**
 * True for what may be the release of a kernel. It becomes a part of paths, such as /lib/modules/RELEASE: nothing in
 * it leads to another directory.
 */
export function isKernelRelease(text: string): boolean {
  return text.length <= MAX_LENGTH && /^(?!\.{1,2}$)[^\s/\\\p{C}$()]+$/u.test(text);
}
