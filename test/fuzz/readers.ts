import type { Reader } from './reader';
import { BINARY_READERS } from './readers/binary';
import { DISK_READERS } from './readers/disk';
import { KERNEL_READERS } from './readers/kernel';
import { LANGUAGE_READERS } from './readers/language';
import { PROTOCOL_READERS } from './readers/protocol';
import { SSH_READERS } from './readers/ssh';
import { TARGET_READERS } from './readers/targets';
import { TREE_READERS } from './readers/tree';

/** Every reader of what comes from outside: a new one belongs here, in the table of its room. */
export const READERS: readonly Reader[] = [
  ...BINARY_READERS,
  ...TREE_READERS,
  ...LANGUAGE_READERS,
  ...KERNEL_READERS,
  ...SSH_READERS,
  ...TARGET_READERS,
  ...PROTOCOL_READERS,
  ...DISK_READERS,
];
