// The sources of the libraries, from where Debian and npm keep them. They go to build/libraries/sources and stay there. Nothing of the
// system changes: apt-get gets its lists of source packages in the same folder.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kRoot } from '../toolchain/llvm.js';

export const kSources = join(kRoot, 'build/libraries/sources');
const kApt = join(kSources, 'apt');

/** @param {string} tool @param {string[]} args */
function run(tool, ...args) {
  return execFileSync(tool, args, { cwd: kSources, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The system's own places for packages, asked for sources: `Types: deb` becomes `deb-src` in the one form, `deb ` in the other. */
function sourceLists() {
  const system = '/etc/apt';
  const files = [join(system, 'sources.list'), ...readdirSync(join(system, 'sources.list.d')).map((name) => join(system, 'sources.list.d', name))];
  for (const [index, file] of files.filter((file) => existsSync(file)).entries()) {
    const text = readFileSync(file, 'utf8');
    if (!/debian\.org|debian-archive/.test(text)) continue;
    const asSources = file.endsWith('.sources') ? text.replace(/^Types:.*$/gm, 'Types: deb-src') : text.replace(/^deb(-src)? /gm, 'deb-src ');
    writeFileSync(join(kApt, 'parts', `${index}.${file.endsWith('.sources') ? 'sources' : 'list'}`), asSources);
  }
}

const kAptOptions = [
  '-q', '-o', 'Dir::Etc::sourcelist=/dev/null', '-o', `Dir::Etc::sourceparts=${kApt}/parts`, '-o', `Dir::State::lists=${kApt}/lists`,
  '-o', `Dir::Cache=${kApt}/cache`, '-o', 'APT::Sandbox::User=root',
];

/** The folder of a Debian source package, unpacked and with Debian's patches. @param {string} name */
function fromDebian(name) {
  const folder = join(kSources, name);
  if (existsSync(folder)) return folder;
  if (!existsSync(join(kApt, 'lists'))) {
    for (const part of ['parts', 'lists/partial', 'cache/archives/partial']) mkdirSync(join(kApt, part), { recursive: true });
    sourceLists();
    run('apt-get', ...kAptOptions, 'update');
  }
  run('apt-get', ...kAptOptions, 'source', '--download-only', name);
  const description = readdirSync(kSources).find((file) => file.startsWith(`${name}_`) && file.endsWith('.dsc'));
  run('dpkg-source', '--no-check', '-x', description, folder);
  return folder;
}

/** The folder of an npm package, which is unpacked but not installed. @param {string} name with its version */
function fromNpm(name) {
  const folder = join(kSources, name);
  if (existsSync(folder)) return folder;
  const file = run('npm', 'pack', '--silent', name).trim();
  mkdirSync(folder);
  run('tar', '-xzf', file, '-C', folder, '--strip-components=1');
  rmSync(join(kSources, file));
  return folder;
}

/** @param {{ debian?: string, npm?: string }} from @returns {string} the folder */
export function fetchSource({ debian, npm }) {
  mkdirSync(kSources, { recursive: true });
  return debian ? fromDebian(debian) : fromNpm(/** @type {string} */ (npm));
}
