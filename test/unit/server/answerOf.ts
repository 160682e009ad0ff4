import { decodeText } from '../../../kmod/text';
import type { Answer, Outcome, Print } from '../../../server/commands/system';

/** What a query prints, as a whole, and how it ends. */
export async function answerOf(query: (print: Print) => Promise<Outcome>): Promise<Answer> {
  const chunks: Buffer[] = [];
  const { exitCode, stderr } = await query((output) => {
    chunks.push(Buffer.from(output));
    return Promise.resolve();
  });
  return { exitCode, stdout: decodeText(Buffer.concat(chunks)), stderr };
}
