import { readFile } from 'node:fs/promises';

/** Seconds of processor time that a process of this machine has used (proc(5), in ticks of 10 ms). */
export async function processorTime(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = text.slice(text.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return (user + system) / 100;
}
