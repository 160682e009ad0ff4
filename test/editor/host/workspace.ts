/** The files that the suites find in their workspace. The module `dummy` is in every distribution's kernel package. */
export const HOST_WORKSPACE = {
  'modprobe.d/good.conf': 'options dummy numdummies=2\n',
  'modprobe.d/bad.conf': 'blacklist dummy\noptoins dummy numdummies=2\n',
  'modprobe.d/typing.conf': '\noptions dummy \n',
} as const;
