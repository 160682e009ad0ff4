import { dumpConfiguration } from '../../kmod/config/dump';
import { complaintText, readSystemConfiguration, type Answer, type System } from './system';

/** What `modprobe -c` prints of configuration files. */
export async function config(system: System): Promise<Answer> {
  const configuration = await readSystemConfiguration(system);
  return {
    exitCode: 0,
    stdout: dumpConfiguration(configuration),
    stderr: complaintText(configuration.complaints),
  };
}
