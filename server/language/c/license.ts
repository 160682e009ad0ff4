import type { Span } from '../../../kmod/config/lines';
import { argumentOf } from '../../../kmod/source/moduleSource';
import { stringOf } from '../../../kmod/source/strings';
import { LICENSES } from '../../../kmod/source/vocabulary';
import { nearest } from '../analysis/nearest';
import { codeCalls, sourceFinding, type SourceCheck } from './finding';
import type { SourceFile, SourceModule } from './sources';

const KNOWN = LICENSES.map(({ name }) => name);

export const unknownLicenses: SourceCheck = function* ({ scan }) {
  for (const call of codeCalls(scan)) {
    const argument = argumentOf(call, 'license');
    const license = argument && stringOf(argument);
    if (argument === undefined || license === undefined || KNOWN.includes(license.text)) continue;
    const folded = license.text.toLowerCase();
    const meant = KNOWN.find((name) => name.toLowerCase() === folded) ?? nearest(license.text, KNOWN);
    const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
    yield sourceFinding('unknown-license', argument.span, license.text, hint);
  }
};

/** What a module has to say once, in any of its files: told where it starts. */
export const missingStatements: SourceCheck = function* ({ uri, modules }) {
  for (const module of modules) {
    const start = startOf(module);
    if (!module.complete || start.file?.uri !== uri || (module.conditional && !speaksAsModule(module)))
      continue;
    if (!says(module, 'MODULE_LICENSE', /MODULE_INFO\s*\(\s*license\b/))
      yield sourceFinding('missing-license', start.span, module.name);
    if (!says(module, 'MODULE_DESCRIPTION', /MODULE_INFO\s*\(\s*description\b/))
      yield sourceFinding('missing-description', start.span, module.name);
  }
};

/** @param info the other way to say it */
function says({ files }: SourceModule, macro: string, info: RegExp): boolean {
  return files.some(
    ({ scan }) =>
      scan.calls.some(({ name, place }) => name === macro && place !== 'disabled') || info.test(scan.text),
  );
}

/** module_init(), or the macro of a bus that stands for it; else the first line of the first file. */
function startOf({ files }: SourceModule): { file: SourceFile | undefined; span: Span } {
  for (const file of files) {
    const init = codeCalls(file.scan).find(({ name }) => name === 'module_init');
    if (init !== undefined) return { file, span: init.span };
    const driver = DRIVER.exec(file.scan.text);
    if (driver !== null) return { file, span: { start: driver.index, end: driver.index + driver[0].length } };
  }
  const [file] = files;
  return { file, span: { start: 0, end: file?.scan.text.search(/[\r\n]|$/) ?? 0 } };
}

/** module_platform_driver(…) and its like. */
const DRIVER = /^(?:module_\w+_driver|module_driver)\s*\([^;{}()]*\)/m;

/** Code for the kernel itself says nothing as a module. */
function speaksAsModule({ files }: SourceModule): boolean {
  return files.some(
    ({ scan }) =>
      DRIVER.test(scan.text) ||
      codeCalls(scan).some(({ name }) => name === 'module_exit' || /^MODULE_(?!PARM_DESC)/.test(name)),
  );
}
