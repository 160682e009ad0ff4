import { writeOutput } from './output';

export const USAGE = `Usage:
  kmod-language-server --stdio                 the language server, for an editor
  kmod-language-server check [OPTIONS] PATH…   what kmod makes of configuration files, and of the module macros in C
  kmod-language-server format [--check] PATH…  blanks between words become one; kmod reads the same
  kmod-language-server config [QUERY OPTIONS]  what modprobe -c prints of configuration files
  kmod-language-server show-depends [QUERY OPTIONS] NAME [PARAMETER…]
                                               what modprobe --show-depends prints; nothing is run
  kmod-language-server resolve [QUERY OPTIONS] NAME
                                               what modprobe -R prints
  kmod-language-server modinfo [QUERY OPTIONS] FILE|NAME…
                                               what modinfo prints
  kmod-language-server --help | --version

A PATH is a file, or a directory: of what is below it, files of modprobe.d, depmod.d and modules-load.d count.

Options of check:
  --format text|json|sarif|github              how diagnostics are printed: text if left out
  --severity CODE=LEVEL                        error, warning, information, hint or off; may be repeated
  --sysroot DIR                                these modules and neighbouring files; a PATH from / is inside of DIR
  -S, --set-version RELEASE                    the modules of this kernel
  --kmod-version V                             as this kmod reads; the installed one if left out

Options of queries are those of modprobe (modinfo), and MODPROBE_OPTIONS counts:
  --sysroot DIR                                read everything below DIR, as in a chroot
  -S, --set-version RELEASE                    of this kernel, the running one if left out; modinfo: -k RELEASE
  -C, --config PATH                            read this file or directory, and not the usual ones; may be repeated
  -b, -i, -a, -q, -d DIR                       as modprobe has them
  -F FIELD, -0, -p, -n, -a, -d, -l, -m, -b DIR as modinfo has them
  --kmod-version V                             as this kmod does; the installed one if left out

Exit codes: 0; 1 when check finds an error, format --check a file to format, a query no module, or when a file
cannot be read; 2 when the command line is wrong.
`;

/** @returns the exit code */
export async function help(): Promise<number> {
  await writeOutput(USAGE);
  return 0;
}
