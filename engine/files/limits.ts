// How many bytes a file of each kind may have: several times as many as the largest that anybody has reason to write.

const KIB = 1 << 10;
const MIB = 1 << 20;

/** A word or a line, as include/config/kernel.release and os-release hold it. */
export const SHORT_TEXT = 64 * KIB;

/** Kbuild, Makefile: the largest one of Linux, its top Makefile, has 70 KB. */
export const KBUILD_FILE = MIB;

/** C that persons write: the largest of Linux's drivers have 600 KB. What is larger was generated. */
export const C_SOURCE = 4 * MIB;

/** modprobe.d, depmod.d, modules-load.d: the largest that depmod writes in that format has a tenth of it. */
export const CONFIGURATION = 16 * MIB;

/** The same for a question about a whole system, where modprobe itself knows no limit. */
export const SYSTEM_CONFIGURATION = 256 * MIB;

/** A file that depmod or the kernel's build wrote below /lib/modules: a full kernel's modules.alias has 2 MB. */
export const MODULE_INDEX = 64 * MIB;

/** Module.symvers: 2 MB for a full kernel. */
export const SYMVERS = 64 * MIB;

/** A .ko: 20 MB in distributions, and with its debugging information some 300 MB for the largest graphics driver. */
export const MODULE = 512 * MIB;

/** A .ko.gz, .ko.xz or .ko.zst: unpacked it would have as much as a .ko may have. */
export const COMPRESSED_MODULE = 128 * MIB;

/** pci.ids and usb.ids: 1.5 MB. */
export const HARDWARE_IDS = 16 * MIB;

/** The .config of a kernel: 300 KB. */
export const KERNEL_CONFIG = 4 * MIB;

/** An Image or bzImage, unpacked by nobody yet: 50 MB for a full arm64 kernel. */
export const KERNEL_IMAGE = 512 * MIB;

/** OpenSSH's own limit for a key file, MAX_KEY_FILE_SIZE in authfile.h. */
export const SSH_KEY = MIB;

/** known_hosts of somebody who knows 100,000 hosts. */
export const KNOWN_HOSTS = 16 * MIB;

/** A file of ours: a script, a style sheet, a page of the documentation, what a target once sent. */
export const OWN_FILE = 64 * MIB;

/** Entries of one directory: a kernel source tree has 1,500 in its largest. */
export const DIRECTORY_ENTRIES = 20_000;

/** Entries of a whole directory tree: a full root file system has some 300,000. */
export const TREE_ENTRIES = 1_000_000;
