// What of others is in the bundles: the notices that go into the .vsix, and the list (SBOM) that goes beside it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} BundledPackage
 * @property {string} directory relative to the root: node_modules/ssh2
 * @property {string} name
 * @property {string} version
 * @property {string} license an SPDX expression, as the package tells it
 */

/** @type {(a: string, b: string) => number} The same order on every machine. */
const byCode = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The packages that files of the bundles come from.
 * @param {string} root
 * @param {readonly string[]} inputs of esbuild's metafiles, relative to the root
 * @returns {BundledPackage[]} by their directories
 * @throws {Error} for a package that tells no version or no licence
 */
export function bundledPackages(root, inputs) {
  const directories = new Set(
    inputs.flatMap((input) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input) ?? []),
  );
  return [...directories].sort(byCode).map((directory) => {
    const manifest = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'));
    const { name, version } = manifest;
    // Older packages have a list of objects.
    const license = manifest.license ?? manifest.licenses?.[0]?.type;
    if (![name, version, license].every((field) => typeof field === 'string' && field !== '')) {
      throw new Error(`${directory}/package.json lacks its name, version or license: it cannot be bundled.`);
    }
    return { directory, name, version, license };
  });
}

/**
 * The notices of packages, as one text.
 * @param {string} root
 * @param {readonly BundledPackage[]} packages
 * @param {string} supplements directory with NAME.txt for a package that ships no text of its licence
 * @throws {Error} for a package without any
 */
export function noticesOf(root, packages, supplements) {
  const notices = packages.map(({ directory, name, version, license }) => {
    const texts = [
      ...textsOf(join(root, directory)),
      ...textsOf(supplements, new RegExp(`^${name.replace('/', '__')}\\.txt$`)),
    ];
    if (texts.length === 0) {
      throw new Error(
        `${directory} has no text of its licence (${license}): add what its authors publish as ${join(supplements, `${name.replace('/', '__')}.txt`)}.`,
      );
    }
    return [`${name} ${version} (${license})`, ...texts].join('\n\n');
  });
  const line = '-'.repeat(80);
  return `This extension contains the following packages.\n\n${[...notices, ''].join(`\n\n${line}\n\n`)}`.replace(
    /\r\n?/g,
    '\n',
  );
}

/** @type {(directory: string, files?: RegExp) => string[]} */
function textsOf(directory, files = /^(licen[cs]e|copying|notice|thirdpartynotices)([.-].*)?$/i) {
  const names = readdirSync(directory).sort(byCode);
  const texts = names
    .filter((name) => files.test(name))
    .map((name) => readFileSync(join(directory, name), 'utf8').trim());
  if (texts.length > 0) {
    return texts;
  }
  // Some have it at the end of their README.
  const readme = names.find((name) => /^readme(\.md)?$/i.test(name));
  const section =
    readme &&
    /^#+ licen[cs]e\s*$([\s\S]*permission is hereby granted[\s\S]*)/im.exec(
      readFileSync(join(directory, readme), 'utf8'),
    );
  return section?.[1] === undefined ? [] : [section[1].trim()];
}

/**
 * A software bill of materials in the format of CycloneDX 1.6 (ECMA-424).
 * @param {{ name: string, version: string, license: string }} product
 * @param {readonly BundledPackage[]} packages
 * @param {{ packages: Record<string, { integrity?: string }> }} lock package-lock.json
 * @throws {Error} for a package that the lock does not pin
 */
export function sbomOf(product, packages, lock) {
  const components = packages.map(({ directory, name, version, license }) => {
    const [algorithm, digest] = lock.packages[directory]?.integrity?.split('-') ?? [];
    if (algorithm !== 'sha512' || digest === undefined) {
      throw new Error(`package-lock.json has no SHA-512 of ${directory}.`);
    }
    return {
      ...component('library', { name, version, license }),
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    };
  });
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('application', product) },
    components,
  };
}

/** @type {(type: string, of: { name: string, version: string, license: string }) => object} */
function component(type, { name, version, license }) {
  // The @ of a scope is %40 in a package URL.
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type, 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] };
}
