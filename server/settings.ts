import type { DirectoryChoice } from './catalog/moduleDirectory';

/** Reads the section `kmod` of an editor's configuration, or initializationOptions; what is no string is as left out. */
export function readSettings(section: unknown): DirectoryChoice {
  const settings = (typeof section === 'object' && section !== null ? section : {}) as Record<
    string,
    unknown
  >;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return { sysroot: text(settings['sysroot']), release: text(settings['kernelRelease']) };
}
