/** Several files in one input: each behind a line `@@ NAME`. */
const HEAD = /^@@ (.*)$/;

export function filesIn(input: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let name = '';
  let lines: string[] = [];
  for (const line of [...input.toString('latin1').split('\n'), '@@ end']) {
    const next = HEAD.exec(line)?.[1];
    if (next === undefined) {
      lines.push(line);
      continue;
    }
    if (name !== '' || lines.length > 0) files.set(name, Buffer.from(lines.join('\n'), 'latin1'));
    [name, lines] = [next, []];
  }
  return files;
}
