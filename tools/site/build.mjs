// The docs site: the pages of the repository as they are, an API reference made from the C headers and from the types of memory.js, and the gallery.
//
//     npm run docs          into build/site/out, which any server of files can serve
//
// The pages keep their names and places, so the links between them lead where they lead in the repository.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { writeCReference } from './c-reference.mjs';
import { writeJsReference } from './js-reference.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const pages = join(root, 'build', 'site', 'pages');
const out = join(root, 'build', 'site', 'out');

const kPages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'src/README.md', 'js/README.md', 'bench/README.md'];
const kFolders = ['docs', 'bench/results'];

const files = [
  ...kPages,
  ...kFolders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.(md|png|svg)$/.test(name))
      .map((name) => `${folder}/${name}`),
  ),
];

rmSync(join(root, 'build', 'site'), { recursive: true, force: true });
for (const file of files) stage(file);
writeCReference(root, join(pages, 'api', 'c'));
await writeJsReference(root, join(pages, 'api', 'js'));
execFileSync(join(root, 'examples', 'gallery', 'run'), ['--build'], { stdio: 'inherit' });
await build(here);
cpSync(join(root, 'build', 'gallery'), join(out, 'gallery'), { recursive: true });
// VitePress keeps the pictures that a page shows, but not those that it only links to.
for (const file of files.filter((name) => !name.endsWith('.md'))) cpSync(join(root, file), join(out, file));

/** Copies a file to where the site is built. A README becomes the index of its folder. @param {string} file */
function stage(file) {
  const into = join(pages, file.replace(/README\.md$/, 'index.md'));
  mkdirSync(dirname(into), { recursive: true });
  if (!file.endsWith('.md')) return cpSync(join(root, file), into);
  writeFileSync(
    into,
    readFileSync(join(root, file), 'utf8').replace(/(?<!!)\[([^\]\n]+)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)/g, (link, text, target, anchor = '') => {
      // What the site does not have, such as the source of the benchmark, is named without a link.
      if (!files.includes(join(dirname(file), target))) return text;
      return `[${text}](./${target.replace(/README\.md$/, 'index.md')}${anchor})`;
    }),
  );
}
