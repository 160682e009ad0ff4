import { gzipSync } from 'node:zlib';
import { CompressedError, decompress } from '../../../kmod/compressed';
import { ElfError } from '../../../kmod/elfHeaders';
import { readModuleInfo } from '../../../kmod/modinfo';
import {
  checkParameterValue,
  formatParameter,
  ParameterError,
  parseParameters,
  splitParameters,
} from '../../../kmod/parameters';
import { parseKernelCommandLine } from '../../../kmod/config/kernelCommandLine';
import { compareMagic, parseVermagic } from '../../../kmod/vermagic';
import { insmodArgument, modprobeArgument } from '../../../client/kernel/parameterArgument';
import { CommandFailedError, type Command } from '../../../client/kernel/command';
import { listModules, readBuildIds, readParameters, readSituation } from '../../../client/kernel/commands';
import { claimedDevices, drivingModule } from '../../../client/kernel/deviceModules';
import { parseDevices } from '../../../client/kernel/devices';
import { explainLoadFailure, ignoredParameters } from '../../../client/kernel/explainFailure';
import { parseSinceMark, withoutStamp } from '../../../client/kernel/kernelLog';
import { KmsgParser } from '../../../client/kernel/kmsg';
import { LogMerge } from '../../../client/kernel/logMerge';
import { ModprobeSystemError, readModprobeSystem } from '../../../client/kernel/modprobeSystem';
import { readParameterTable } from '../../../client/kernel/parameterTable';
import { probeFacts } from '../../../client/kernel/probeFacts';
import { NoModulesError, parseProcModules, splitProcModules } from '../../../client/kernel/procModules';
import { readPstore } from '../../../client/kernel/pstore';
import { ModuleFileError, readModuleFile, unpackModuleFile } from '../../../client/kernel/targetModuleFile';
import { TreeAnswerError } from '../../../client/kernel/targetTree';
import { parseChecksumLine } from '../../../client/targets/checksum';
import { plainSentence } from '../../../client/views/format';
import { escapeMarkup } from '../../../client/views/escapeMarkup';
import { prose } from '../../../kmod/markdown';
import { plainText } from '../../../kmod/plainText';
import { LOG_RECIPES } from '../corpus/logs';
import { text, type Reader } from '../reader';
import { richModule } from '../samples';
import { chunksOf } from '../chunks';

const answer = <T>(command: Command<T>, stdout: Buffer, exitCode = 0): T =>
  command.parse({ exitCode, stdout, stderr: '' });

const LOG = text(
  '[   12.345678] hello: loading out-of-tree module taints kernel.',
  '[   12.345679] hello: disagrees about version of symbol module_layout',
  '[   12.345680] hello: Unknown symbol one (err -2)',
  "[   12.345681] hello: version magic '6.1.0 SMP ' should be '6.2.0 SMP '",
  "<4>[   12.345682] hello: `x' invalid for parameter `count'",
  '[   12.345683][  T123] list: can only take 4 arguments',
  "[   12.345684] hello: unknown parameter 'x' ignored",
  '[   12.345685] Lockdown: insmod: unsigned module loading is restricted',
);

const PROC_MODULES = text(
  'hello 16384 0 - Live 0x0000000000000000 (OE)',
  'chain_base 16384 2 hello,other,[permanent], Live 0xffffffffc0000000',
  'gone 16384 -1 - Unloading 0x0',
);

const DEVICES = Buffer.concat([
  Buffer.from(
    'driver\0pci\0e1000e\0e1000e\0\0device\0pci\x000000:00:02.0\0e1000e\0/sys/devices/pci0000:00\0',
  ),
  text(
    'pci/devices/0000:00:02.0/modalias:pci:v00008086d000010D3sv*',
    'pci/devices/0000:00:02.0/uevent:DRIVER=e1000e',
    'pci/devices/0000:00:02.0/uevent:MODALIAS=pci:v00008086d000010D3',
    'usb/devices/1-1/manufacturer:Somebody',
    'pnp/devices/00:01/id:PNP0501',
  ),
]);

/** The mark of a command, which is drawn anew each time: in a seed it is MARK. */
function marked<T>(command: Command<T>, input: Buffer, mark: RegExp): T {
  const own = command.argv.find((word) => mark.test(word)) ?? '';
  return answer(command, Buffer.from(input.toString('latin1').replaceAll('MARK', own), 'latin1'));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}:?$/;

const markdownOf = (said: string): string => prose`${said}`.source;

export const KERNEL_READERS: readonly Reader[] = [
  {
    name: 'kmsg',
    seeds: [
      text(
        '6,339,5140900,-;hello: loaded',
        ' SUBSYSTEM=pci',
        ' DEVICE=+pci:0000:00:02.0',
        '12,340,5140901,c;text \\x0a with \\xff escapes',
      ),
    ],
    words: ['6,1,1,-;', '\\x', ',', ';', '\n', ' '],
    run: (input) => {
      const merge = new LogMerge(true);
      merge.connect();
      const parser = new KmsgParser((record) => merge.fromConnection(record.text));
      for (const chunk of chunksOf(input)) parser.write(chunk);
    },
  },
  {
    name: 'dmesg',
    seeds: [LOG],
    words: [
      'Unknown symbol ',
      "version magic '",
      "' should be '",
      '`',
      "' invalid for parameter `",
      ': string parameter too long',
      ': can only take ',
      'Lockdown: ',
      '[',
      ']',
      '<4>',
      'unknown parameter ',
    ],
    recipes: LOG_RECIPES,
    run: (input) => {
      const { lines } = parseSinceMark(input.toString(), { token: 'token', line: 'token x' });
      ignoredParameters(lines);
      const stderr = input.toString();
      // Line by line too: the first one that tells a cause ends the search.
      for (const kernelLog of [lines, ...lines.slice(0, 20).map((line) => [line]), []]) {
        explainLoadFailure({ module: 'hello', kernelLog, stderr });
      }
      const merge = new LogMerge(false);
      merge.connect();
      for (const line of lines) {
        withoutStamp(line);
        merge.fromConsole(line);
        merge.fromConnection(line);
      }
      merge.release();
      answer(readPstore, input);
    },
  },
  {
    name: 'proc-modules',
    seeds: [
      PROC_MODULES,
      Buffer.concat([
        Buffer.from('123 /bin/gzip\n5000 /tmp\n'),
        PROC_MODULES,
        Buffer.from('\nkernel/fs/ext4.ko\n'),
      ]),
    ],
    words: [' Live ', ' Loading ', ',', '[permanent],', ' (OE)', ' 0x0', '-', '?\n', '\n\n'],
    run: (input) => {
      parseProcModules(input.toString('latin1'), () => undefined);
      splitProcModules(input.toString('latin1'));
      answer(listModules(), input);
      answer(readSituation('6.1.0', 1), input);
    },
    refusals: [NoModulesError, CommandFailedError],
  },
  {
    name: 'devices',
    seeds: [DEVICES],
    words: ['device\0', 'driver\0', '/devices/', '/modalias:', '/uevent:', 'MODALIAS=', '\0', '\n'],
    run: (input) => {
      const { devices, drivers } = parseDevices(input);
      claimedDevices(devices.slice(0, 50), ['pci:v*d*sv*', 'usb:*', '*[0-9]*']);
      claimedDevices(
        devices,
        devices.slice(0, 5).flatMap(({ modaliases }) => modaliases),
      );
      for (const device of devices.slice(0, 50)) drivingModule(device, drivers);
    },
  },
  {
    name: 'parameter-values',
    seeds: [
      Buffer.from('count\0-rw-r--r--\0+1\n\0secret\0-r--------\0-\0'),
      Buffer.concat([
        Buffer.from('hello\n'),
        Buffer.from('0400000014000000030000004743e5000000', 'hex'),
        Buffer.alloc(20),
      ]),
    ],
    words: ['\0', '-rw-r--r--\0', '+', 'GNU\0'],
    run: (input) => {
      answer(readParameters('hello'), input);
      answer(readBuildIds(['hello']), input);
    },
    share: 0.5,
  },
  {
    name: 'parameter-table',
    seeds: [
      text(
        'filename:       /lib/modules/x/kernel/hello.ko',
        'parm:           count:How often (int)',
        'MARKkernel/two.ko',
        'parm=x:y',
        'parmtype=x:int',
      ),
      gzipSync(
        text('filename:       /lib/modules/x/kernel/hello.ko', 'parm:           count:How often (int)'),
      ),
    ],
    words: ['filename:       ', 'parm:           ', 'parm=', 'parmtype=', 'MARK', '\x01', ':', '\n'],
    run: (input) => marked(readParameterTable('6.1.0'), input, UUID),
    refusals: [TreeAnswerError],
  },
  {
    name: 'facts',
    seeds: [
      text(
        '6.1.0-57-cloud-amd64',
        'x86_64',
        '0bd9bd5c-1111-2222-3333-444455556666',
        'root',
        '0',
        '/usr/bin/sudo',
        'kmod version 30',
        '',
        'CONFIG_MODULES=y',
        'CONFIG_MODULE_UNLOAD=y',
        'config /proc/config.gz',
        'modules',
        'sig_enforce N',
        'lockdown [none] integrity confidentiality',
        'tainted 4096',
        'nosyms',
        'capabilities 000001ffffffffff',
      ),
      text('0123456789012345678901234567890123456789 *x', '123 456 y', '123 456'),
    ],
    words: [
      'CONFIG_',
      '=y',
      'config ',
      'lockdown [',
      'capabilities ',
      'tainted ',
      'constructor',
      '__proto__',
    ],
    run: (input) => {
      answer(probeFacts, input);
      for (const line of input.toString('latin1').split('\n')) parseChecksumLine(line);
    },
    share: 0.5,
  },
  {
    name: 'modprobe-system',
    seeds: [
      Buffer.from(
        '\nMARK version \0kmod version 30\n-ZSTD\nMARK directory /etc/modprobe.d\0\nMARK file /etc/modprobe.d/a.conf\0alias a b\n\nMARK file /proc/modules\0hello 1 0 - Live 0x0\n\nMARK modules \0./kernel/a.ko\n\nMARK end \0',
      ),
    ],
    words: ['\nMARK ', 'file ', 'directory ', 'end ', '\0', 'unreadable ', 'dangling '],
    run: (input) => marked(readModprobeSystem('6.1.0'), input, UUID),
    refusals: [ModprobeSystemError],
  },
  {
    name: 'module-file',
    seeds: [
      Buffer.concat([Buffer.from(`cat ${richModule().length}\n`), richModule()]),
      Buffer.concat([Buffer.from(`gzip ${richModule().length}\n`), gzipSync(richModule())]),
    ],
    words: ['gzip ', 'cat ', '\n'],
    recipes: {
      'a packed file of zeros': (bytes) =>
        Buffer.concat([Buffer.from('gzip 134217728\n'), gzipSync(Buffer.alloc(bytes * 400))]),
    },
    run: async (input) => {
      const sent = answer(readModuleFile('/lib/modules/x/a.ko'), input);
      if (sent === undefined) return;
      await readModuleInfo(await decompress(await unpackModuleFile(sent)), sent.path);
    },
    refusals: [ModuleFileError, ElfError, CompressedError],
    share: 0.5,
  },
  {
    name: 'parameters',
    seeds: [
      text(
        'count=1 who="a b" list=1,2,3 loud',
        '6.1.0-57-amd64 SMP preempt mod_unload modversions ',
        'BOOT_IMAGE=/vmlinuz one.debug=1 modprobe.blacklist=two,three "one.x=a b"',
      ),
    ],
    words: ['"', '=', ' ', ',', '\\', 'modprobe.blacklist=', '0x', '-', 'SMP '],
    run: (input) => {
      for (const line of input.toString().split('\n').slice(0, 100)) {
        splitParameters(line);
        const words = parseParameters(line);
        for (const { name, value } of words) {
          for (const type of ['int', 'bool', 'charp', 'array of int', 'ulong', 'hexint', undefined]) {
            checkParameterValue(type === undefined ? {} : { type }, value ?? name);
          }
        }
        for (const make of [insmodArgument, modprobeArgument, (word: string) => formatParameter('x', word)]) {
          try {
            make(line);
          } catch (error) {
            if (!(error instanceof ParameterError)) throw error;
          }
        }
        parseVermagic(line);
        compareMagic(line, '6.1.0 SMP mod_unload ', true);
        parseKernelCommandLine(line);
      }
    },
  },
  {
    name: 'shown-text',
    seeds: [
      text(
        'A sentence with [a link](command:x) and <b>markup</b> & more',
        '\u001b]52;c;aGk=\u0007 \u202e turned',
        '`code` *strong* _em_ https://example.org/',
      ),
    ],
    words: ['](', '<', '`', '\u001b', '\u202e', '  ', '&', '//'],
    run: (input) => {
      const said = input.toString();
      for (const show of [plainText, plainSentence, escapeMarkup, markdownOf]) show(said);
    },
    share: 0.5,
  },
];
