import { TextDocument } from 'vscode-languageserver-textdocument';
import type { ConfigLanguage } from '../../../kmod/config/syntax';
import { SyntaxCache } from '../../../server/language/documents';
import { Formatting } from '../../../server/language/features/formatting';

const formatting = new Formatting(new SyntaxCache());

/** A text as the formatter leaves it; `lines`: only these, the last one included. */
export function format(
  text: string,
  language: ConfigLanguage = 'modprobe',
  lines?: [number, number],
): string {
  const document = TextDocument.create(`file:///etc/${language}.d/t.conf`, language, 1, text);
  const range = lines && {
    start: { line: lines[0], character: 0 },
    end: { line: lines[1], character: 0 },
  };
  return TextDocument.applyEdits(document, formatting.of(document, range));
}
