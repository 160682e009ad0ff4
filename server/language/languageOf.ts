import type { ConfigLanguage } from '../../kmod/config/syntax';

const LANGUAGES: readonly ConfigLanguage[] = ['modprobe', 'depmod', 'modules-load'];

/**
 * The language of a document: what the editor says, if it knows our ids, else by its path.
 * undefined: none of the files that kmod or systemd reads.
 */
export function languageOf(languageId: string, uri: string): ConfigLanguage | undefined {
  return (
    LANGUAGES.find((language) => language === languageId) ??
    LANGUAGES.find((language) => new RegExp(`(^|/)${language}(\\.d/[^/]+)?\\.conf$`).test(uri))
  );
}
