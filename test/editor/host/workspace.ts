/** The files that the suites find in their workspace. The module `dummy` is in every distribution's kernel package. */
export const HOST_WORKSPACE = {
  'modprobe.d/good.conf': 'options dummy numdummies=2\n',
  'modprobe.d/bad.conf': 'blacklist dummy\noptoins dummy numdummies=2\n',
  'modprobe.d/typing.conf': '\noptions dummy \n',
  'module/Makefile': 'obj-m := x.o\n',
  'module/x.c':
    'MODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("d");\nmodule_param(a, int, 0666);\nMODULE_PARM_DESC(a, "a");\n',
} as const;
