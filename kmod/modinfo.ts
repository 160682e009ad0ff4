/** One `key=value` string of a module's .modinfo section. */
export interface ModinfoEntry {
  readonly key: string;
  readonly value: string;
}

/** A module parameter: its `parm` and `parmtype` strings merged by name (include/linux/moduleparam.h). */
export interface ModuleParameter {
  readonly name: string;
  /** The text of `parmtype`: int, bool, charp, "array of int", … */
  readonly type?: string;
  /** The text of MODULE_PARM_DESC. */
  readonly description?: string;
}

/** The signature at the end of a module file (kernel/module_signature.h), as modinfo tells it. */
export interface ModuleSignature {
  /** "PKCS#7", "X509" or "PGP". */
  readonly idType: string;
  readonly signer: string;
  /** Upper-case hex, bytes separated by ':'. */
  readonly keyId: string;
  readonly hashAlgorithm: string;
  /** Upper-case hex, bytes separated by ':'. */
  readonly signature: string;
}

/**
 * What a module says of itself. Plain JSON: it crosses the language server's connection as it is,
 * and a module's bytes never do.
 */
export interface ModuleInfo {
  /** The module's name, with `_` for `-`. */
  readonly name: string;
  /** Every .modinfo string in file order, `parm` and `parmtype` included. */
  readonly entries: readonly ModinfoEntry[];
  /** In order of first appearance in .modinfo. */
  readonly parameters: readonly ModuleParameter[];
  readonly signature?: ModuleSignature;
  /** The GNU build-id note as lower-case hex; absent in built-in modules and in files without one. */
  readonly buildId?: string;
  /** e_machine by the kernel's name ("x86_64", "aarch64", …); absent for built-in modules. */
  readonly architecture?: string;
}

/** The first value of a modinfo key, for example `license`. */
export function firstValue(info: ModuleInfo, key: string): string | undefined {
  return info.entries.find((entry) => entry.key === key)?.value;
}

/** All values of a modinfo key in file order, for example `alias`. */
export function allValues(info: ModuleInfo, key: string): string[] {
  return info.entries.filter((entry) => entry.key === key).map((entry) => entry.value);
}
