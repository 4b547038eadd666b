// How the site looks and where its pages are. No page loads anything from another server.

import { defineConfig } from 'vitepress';
import { kHeaders } from '../c-reference.mjs';

/** Anchors as GitHub writes them, so that a link fits both. @param {string} title */
const slugify = (title) =>
  title
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const page = (/** @type {string} */ text, /** @type {string} */ link) => ({ text, link });

const kGuide = [
  {
    text: 'Begin',
    items: [
      page('Install and a first program', '/'),
      page('Your C needs a C library', '/docs/c-library'),
      page('From JavaScript', '/docs/javascript'),
      page('Coming from another allocator', '/docs/migrating'),
    ],
  },
  {
    text: 'How program and heap meet',
    items: [
      page('Linking, in pictures', '/docs/linking'),
      page('One file: the merger', '/docs/merge'),
      page('Which heap', '/docs/heaps'),
      page('A program that you did not build', '/docs/adopt'),
    ],
  },
  {
    text: 'When something is wrong',
    items: [page('Debugging', '/docs/debugging'), page('Every access checked', '/docs/checked-memory'), page('Misuse and its threat model', '/docs/SECURITY')],
  },
  {
    text: 'The heap',
    items: [
      page('How it works', '/docs/allocator'),
      page('What it promises', '/docs/contract'),
      page('The standards, clause by clause', '/docs/conformance'),
      page('Libraries that run on it', '/docs/libraries'),
    ],
  },
  { text: 'Benchmark', items: [page('Results', '/bench/results/'), page('How it measures', '/bench/')] },
  {
    text: 'The project',
    items: [
      page('Contributing', '/CONTRIBUTING'),
      page('The order of src/', '/src/'),
      page('The rooms of js/', '/js/'),
      page('Changes', '/CHANGELOG'),
      page('Security reports', '/SECURITY'),
    ],
  },
];

const kReference = [
  { text: 'C', items: [page('All functions', '/api/c/'), ...Object.keys(kHeaders).map((header) => page(header, `/api/c/${header}`))] },
  {
    text: 'JavaScript',
    items: [
      page('Modules', '/api/js/'),
      ...['memory', 'memory.merge', 'memory.cli', 'memory.inspector', 'memory.watch'].map((name) => page(`${name}.js`, `/api/js/${name}`)),
    ],
  },
];

const kIcon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23b7791f' d='M1 2h14v3H1z'/%3E%3Cpath fill='%232b5bd7' d='M1 7h4v3H1zm5 0h4v3H6zM1 12h4v3H1z'/%3E%3Cpath fill='%23aaa' d='M11 7h4v3h-4zm-5 5h9v3H6z'/%3E%3C/svg%3E";

export default defineConfig({
  title: 'memory.wasm',
  description: 'malloc as a file: a heap for freestanding WebAssembly programs',
  lang: 'en',
  head: [
    ['link', { rel: 'icon', href: kIcon }],
    ['style', {}, '.vp-doc pre { overflow-x: auto; }'], // those that are indented, not fenced
  ],
  srcDir: '../../build/site/pages',
  outDir: '../../build/site/out',
  cacheDir: '../../build/site/cache',
  markdown: { anchor: { slugify } },
  vite: { build: { chunkSizeWarningLimit: 2000 }, logLevel: 'warn' },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      page('Guide', '/'),
      page('Reference', '/api/c/'),
      page('Benchmark', '/bench/results/'),
      { text: 'Gallery', link: '/gallery/index.html', target: '_self' },
    ],
    sidebar: { '/api/': kReference, '/': kGuide },
  },
});
