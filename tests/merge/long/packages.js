// What the long tests take from others: sources of Debian packages and packages of npm, fetched by name into build/third-party.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const kThirdParty = fileURLToPath(new URL('../../../build/third-party', import.meta.url));

/** apt, with the machine's own sources read as sources of source packages, and lists of its own. @param {string[]} options */
function apt(...options) {
  const etc = join(kThirdParty, 'apt'), lists = join(kThirdParty, 'apt-lists');
  if (!existsSync(etc)) {
    mkdirSync(etc, { recursive: true });
    mkdirSync(join(lists, 'partial'), { recursive: true });
    const places = ['/etc/apt/sources.list', ...readdirSync('/etc/apt/sources.list.d').map(name => join('/etc/apt/sources.list.d', name))];
    for (const place of places.filter(place => existsSync(place) && /(list|sources)$/.test(place))) {
      const asSource = readFileSync(place, 'utf8').replace(/^Types: .*$/gm, 'Types: deb-src').replace(/^deb /gm, 'deb-src ');
      writeFileSync(join(etc, place.split('/').at(-1)), asSource);
    }
    apt('update');
  }
  execFileSync('apt-get', ['-qq', '-o', 'Dir::Etc::sourcelist=/dev/null', '-o', `Dir::Etc::sourceparts=${etc}`, '-o', `Dir::State::lists=${lists}`,
    '-o', 'Dir::Cache::srcpkgcache=', '-o', 'Dir::Cache::pkgcache=', ...options], { cwd: kThirdParty, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The unpacked original source of a Debian package. @param {string} name @returns {string} */
export function debianSource(name) {
  const folder = join(kThirdParty, 'debian', name);
  if (!existsSync(folder)) {
    apt('source', '--download-only', name);
    const archives = readdirSync(kThirdParty).filter(file => file.startsWith(`${name}_`) && file.includes('.orig.tar'));
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['xf', join(kThirdParty, archives[0]), '--strip-components=1', '-C', folder]);
  }
  return folder;
}

/** The newest Node, for programs that Node 20 has not enough of WebAssembly for. */
const kNewestNode = `node-${process.platform}-${process.arch}`;
const kPackages = JSON.stringify({
  dependencies: { '@wasm-fmt/dart_fmt': '0.4.0', assemblyscript: '0.28.20', 'esbuild-wasm': '0.28.2', [kNewestNode]: '26.10.0', wabt: '1.0.39' },
});

/** `require` for the npm packages above. */
export function npmPackages() {
  const folder = join(kThirdParty, 'npm'), list = join(folder, 'package.json'), installed = join(folder, 'installed.json');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== kPackages) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(list, kPackages);
    execFileSync('npm', ['install', '--silent', '--no-package-lock', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(installed, kPackages); // the last of it: an installation that was broken off begins anew
  }
  return createRequire(list);
}

export const newestNode = () => npmPackages().resolve(`${kNewestNode}/bin/node`);
