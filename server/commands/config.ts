import { dumpConfiguration } from '../../kmod/config/dump';
import { encodeText } from '../../kmod/text';
import { complain, readSystemConfiguration, type System } from './system';

/** Prints what `modprobe -c` prints of configuration files. @returns the exit code */
export async function config(system: System): Promise<number> {
  const configuration = await readSystemConfiguration(system);
  complain(configuration.complaints);
  process.stdout.write(encodeText(dumpConfiguration(configuration)));
  return 0;
}
