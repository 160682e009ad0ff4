/** What an argument of a module macro is. */
export type MacroArgumentKind =
  /** The name that a parameter gets. */
  | 'parameter'
  /** The name of a parameter that is made elsewhere. */
  | 'described-parameter'
  | 'type'
  | 'permissions'
  | 'license'
  | 'alias'
  | 'soft-dependencies'
  | 'device-type'
  /** C of the module's own: a variable, a function, a length, a text. */
  | 'code';

interface MacroParameter {
  /** As the kernel's headers name it. */
  readonly label: string;
  readonly kind: MacroArgumentKind;
}

export interface ModuleMacro {
  readonly name: string;
  readonly parameters: readonly MacroParameter[];
  readonly meaning: string;
}

const KINDS: Readonly<Record<string, MacroArgumentKind>> = {
  name: 'parameter',
  _parm: 'described-parameter',
  type: 'type',
  perm: 'permissions',
  license: 'license',
  alias: 'alias',
  softdep: 'soft-dependencies',
  devicetype: 'device-type',
};

/** @param synopsis as in the kernel's headers: `module_param(name, type, perm)` */
function macro(synopsis: string, meaning: string): [string, ModuleMacro] {
  const [name = '', labels = ''] = synopsis.split(/[()]/);
  const parameters = labels.split(', ').map((label) => ({ label, kind: KINDS[label] ?? 'code' }));
  return [name, { name, parameters, meaning }];
}

const VISIBLE = 'The permissions are those of /sys/module/MODULE/parameters/NAME; 0: no such file.';
const UNSAFE = 'Giving a value taints the kernel.';
const LOCKDOWN = 'A kernel in lockdown refuses a value.';

/** The macros of include/linux/module.h and include/linux/moduleparam.h (Linux 6.1) that are understood here. */
export const MODULE_MACROS: ReadonlyMap<string, ModuleMacro> = new Map([
  macro(
    'module_param(name, type, perm)',
    `Makes the variable of that name a parameter of the module. ${VISIBLE}`,
  ),
  macro('module_param_unsafe(name, type, perm)', `As module_param(). ${UNSAFE}`),
  macro(
    'module_param_named(name, value, type, perm)',
    `Makes a variable, or the member of a structure, a parameter of another name. ${VISIBLE}`,
  ),
  macro('module_param_named_unsafe(name, value, type, perm)', `As module_param_named(). ${UNSAFE}`),
  macro(
    'module_param_array(name, type, nump, perm)',
    `Makes an array a parameter that takes values with commas between them. *nump becomes their number; NULL: not counted. ${VISIBLE}`,
  ),
  macro(
    'module_param_array_named(name, array, type, nump, perm)',
    `As module_param_array(), under another name. ${VISIBLE}`,
  ),
  macro(
    'module_param_string(name, string, len, perm)',
    `Makes a char array of len bytes a parameter; a value is copied into it. ${VISIBLE}`,
  ),
  macro(
    'module_param_cb(name, ops, arg, perm)',
    `Makes a parameter that functions of the module's own set and get. ${VISIBLE}`,
  ),
  macro('module_param_cb_unsafe(name, ops, arg, perm)', `As module_param_cb(). ${UNSAFE}`),
  macro('module_param_call(name, _set, _get, arg, perm)', 'Obsolete: use module_param_cb().'),
  macro(
    'module_param_hw(name, type, hwtype, perm)',
    `As module_param(), for an address or line of hardware. ${LOCKDOWN}`,
  ),
  macro(
    'module_param_hw_named(name, value, type, hwtype, perm)',
    `As module_param_named(), for an address or line of hardware. ${LOCKDOWN}`,
  ),
  macro(
    'module_param_hw_array(name, type, hwtype, nump, perm)',
    `As module_param_array(), for addresses or lines of hardware. ${LOCKDOWN}`,
  ),
  macro(
    'MODULE_PARM_DESC(_parm, desc)',
    'Describes a parameter, as `modinfo -p` shows it. The name is that of the parameter, not of its variable.',
  ),
  macro(
    'MODULE_LICENSE(license)',
    'The licence of the module. modpost refuses a module without one; one that the kernel does not know as compatible with the GPL taints the kernel (P) and keeps GPL-only symbols from the module.',
  ),
  macro(
    'MODULE_DESCRIPTION(_description)',
    'What the module does, as modinfo shows it. modpost warns where it is missing (Linux 6.11).',
  ),
  macro(
    'MODULE_AUTHOR(_author)',
    'Who wrote the module, "Name <address>" or just a name; one line for each.',
  ),
  macro(
    'MODULE_VERSION(_version)',
    'The version of the module, as modinfo and /sys/module/MODULE/version show it.',
  ),
  macro(
    'MODULE_ALIAS(alias)',
    'Another name that modprobe loads the module by; a pattern with *, ? and [] that devices are matched with (modalias).',
  ),
  macro(
    'MODULE_SOFTDEP(softdep)',
    'Modules that modprobe loads before (`pre:`) or after (`post:`) this one, where they are there.',
  ),
  macro(
    'MODULE_DEVICE_TABLE(devicetype, table)',
    'Makes an alias of each entry of a table of device ids, so that the module is loaded when such a device appears.',
  ),
  macro('MODULE_FIRMWARE(_firmware)', 'A file below /lib/firmware that the module may ask for.'),
  macro('MODULE_IMPORT_NS(ns)', 'Lets the module use the symbols of a namespace.'),
  macro(
    'module_init(initfn)',
    'The function that runs when the module is loaded. A negative errno from it refuses the load.',
  ),
  macro(
    'module_exit(exitfn)',
    'The function that runs when the module is removed. Without one a module with module_init() can not be removed.',
  ),
]);
