/** The form of depmod's modules.*.bin: a radix tree of keys, big-endian (libkmod/libkmod-index.c). */

export const MAGIC = 0xb007f457;
export const VERSION = 0x00020001;
/** Magic, version, the root's reference. */
export const HEAD_BYTES = 12;

/** What a reference says of its node, above the node's place in the file. */
export const PREFIX = 0x80000000;
export const VALUES = 0x40000000;
export const CHILDREN = 0x20000000;
export const OFFSET = 0x0fffffff;

/** Nothing that a kernel asks for is longer: a uevent has 2048 bytes. */
export const MAX_KEY = 4095;
