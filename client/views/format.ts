import { plainText } from '../../kmod/plainText';

/** Milliseconds as "0.4 s". */
export const formatSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * A sentence with words of a target in it, for a notification or a question: those make a link of `[x](command:…)`,
 * and a click on it runs a command of the editor.
 */
export const plainSentence = (text: string): string =>
  plainText(text.replaceAll(/\s+/g, ' ')).replaceAll('](', '] (');

/** Milliseconds as a person says them: "40 s", "3 min", "5 h", "12 d". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
