import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location } from 'vscode-languageserver-types';
import { sameParameterName } from '../../../kmod/parameters';
import { parametersOf } from '../../../kmod/source/moduleSource';
import { rangeOf } from '../documents';
import type { SourceModule } from './sources';

/** Where the sources of a module make a parameter: the name in `module_param(NAME, …)` and its like. */
export function parameterLocation({ files }: SourceModule, name: string): Location | undefined {
  for (const { uri, scan } of files) {
    const found = parametersOf(scan).find((parameter) => sameParameterName(parameter.name.text, name));
    if (found !== undefined) {
      const document = TextDocument.create(uri, 'c', 0, scan.text);
      return { uri, range: rangeOf(document, found.name.span) };
    }
  }
  return undefined;
}
