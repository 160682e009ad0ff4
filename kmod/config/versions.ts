/** A release of kmod by its number, for example 30. Patch releases change nothing in the configuration. */
export type KmodVersion = number;

/** What is assumed when nobody says which kmod reads the files. */
export const NEWEST_KMOD: KmodVersion = 34;

/** Up to 33, a backslash that ends the file put the byte 0xFF into the line (kmod commit 7805c95 ended it). */
export function storesBackslashAtEnd(kmod: KmodVersion): boolean {
  return kmod < 34;
}
