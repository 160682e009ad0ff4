import { basename } from 'node:path';
import { FileRefusedError } from '../../../engine/files/fileErrors';
import { CompressedError } from '../../../kmod/compressed';
import { ElfError } from '../../../kmod/elfHeaders';
import type { Problem } from './page';

/** Why a file can not be shown, and what to do. */
export function problemOf(error: unknown, file: string): Problem {
  const message = asSentence(error instanceof Error ? error.message : String(error));
  const title = `${basename(file)} can not be shown`;
  if (error instanceof CompressedError) {
    return {
      title,
      message,
      advice: 'Copy the file again from where it came, or open the uncompressed module.',
    };
  }
  if (error instanceof ElfError) {
    return {
      title,
      message,
      advice: message.startsWith('Truncated')
        ? 'The file is incomplete: build it or copy it again. This page follows when it changes.'
        : 'This page shows kernel modules (NAME.ko). To see the bytes, use "Reopen Editor With…".',
    };
  }
  if (error instanceof FileRefusedError) {
    return { title, message, advice: 'This page shows kernel modules (NAME.ko), which are files.' };
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return {
    title,
    message: code === 'ENOENT' ? 'The file is not there (any more).' : message,
    advice:
      code === 'ENOENT'
        ? 'Build it: this page shows it as soon as it is back.'
        : 'Check that you may read the file.',
  };
}

const asSentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, '.');
