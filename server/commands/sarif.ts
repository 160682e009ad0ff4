import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withoutEnd } from '../../kmod/text';
import { packageVersion } from './packageVersion';
import { readRuleHelp, severityOf } from './ruleHelp';
import type { Report } from './report';

const LEVELS = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const;

/** A log of SARIF 2.1.0 (docs.oasis-open.org/sarif): lines and columns from 1, columns in UTF-16. */
export function asSarif(reports: readonly Report[]): object {
  const pages = new Map(reports.map(({ code, page }) => [code, page]));
  const codes = [...pages.keys()].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'kmod-language-server',
            version: packageVersion(),
            rules: codes.map((id) => ruleOf(id, pages.get(id))),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { uri: `${withoutEnd(pathToFileURL(resolve('')).href, '/')}/` } },
        results: reports.map((report) => resultOf(report, codes.indexOf(report.code))),
      },
    ],
  };
}

/** With the text of its page: a log is read elsewhere, as by GitHub's code scanning, where no file of ours is. */
function ruleOf(id: string, page: string | undefined) {
  const help = page === undefined ? undefined : readRuleHelp(page);
  const severity = severityOf(id);
  return {
    id,
    ...(help && {
      shortDescription: { text: help.summary },
      fullDescription: { text: help.paragraph },
      help: { text: help.markdown, markdown: help.markdown },
    }),
    ...(severity && { defaultConfiguration: { level: LEVELS[severity] } }),
  };
}

function resultOf({ file, range: { start, end }, severity, code, message }: Report, ruleIndex: number) {
  const region = {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: locationOf(file), region } }],
  };
}

/** Relative to where the check runs, as a repository's checkout; what lies elsewhere is told in full. */
function locationOf(file: string): { readonly uri: string; readonly uriBaseId?: string } {
  const path = relative('', resolve(file));
  if (path.startsWith('..')) return { uri: pathToFileURL(resolve(file)).href };
  return { uri: path.split('/').map(encodeSegment).join('/'), uriBaseId: 'SRCROOT' };
}

/** What pathToFileURL makes of a name, which is what no name can break. */
function encodeSegment(name: string): string {
  return pathToFileURL(`/${name}`).href.slice('file:///'.length);
}
