// The docs site: built by its command, then every link of every page followed in the files, and the pages used in Chromium as a reader does.
// Pictures go to build/site/pictures.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../../examples/record/browser.mjs';
import { startServer } from '../e2e/server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'build/site/out');
const pictures = join(root, 'build/site/pictures');
let server;
let browser;

before(async () => {
  execSync('npm run --silent docs', { cwd: root, stdio: 'inherit' });
  mkdirSync(pictures, { recursive: true });
  server = await startServer({ root: out });
  browser = await startBrowser();
});
after(async () => {
  server?.stop();
  await browser?.stop();
});

const open = (path, use, options) => browser.withPage(server.address + path, use, { ...options, silent: true });

/** The pages of the site, by their paths in it. */
const pages = () => readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));

/** The values of an attribute in a page. */
const attributes = (html, name) => Array.from(html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g')), ([, value]) => value.replaceAll('&amp;', '&'));

const idsOf = (() => {
  const known = new Map();
  return (file) => known.get(file) ?? known.set(file, new Set(attributes(readFileSync(file, 'utf8'), 'id'))).get(file);
})();

/** What is wrong with a link of `page`, if something is. */
function brokenLink(page, link) {
  if (/^(https?|mailto|data):/.test(link)) return undefined;
  const [path, anchor] = decodeURIComponent(link).split('#');
  let file = path === '' ? join(out, page) : path.startsWith('/') ? join(out, path) : join(out, dirname(page), path);
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html');
  if (!existsSync(file)) return `${page}: ${link} leads nowhere`;
  return anchor && file.endsWith('.html') && !idsOf(file).has(anchor) ? `${page}: ${link}: the page has no such part` : undefined;
}

test('every link of every page leads to a page or part that is there', () => {
  assert.ok(pages().length > 35, `only ${pages().length} pages`);
  const broken = pages().flatMap((page) => {
    const html = readFileSync(join(out, page), 'utf8');
    return [...attributes(html, 'href'), ...attributes(html, 'src')].map((link) => brokenLink(page, link)).filter(Boolean);
  });
  assert.deepEqual([...new Set(broken)], []);
});

test('a page loads nothing from other servers', () => {
  for (const page of pages()) {
    const html = readFileSync(join(out, page), 'utf8');
    const loaded = [...html.matchAll(/<(?:link|script|img|source|iframe)\b[^>]*\s(?:href|src)="([^"]*)"/g)].map(([, link]) => link);
    assert.deepEqual(loaded.filter((link) => /^(https?:)?\/\//.test(link)), [], page);
  }
});

test('the pages are those of the repository, and every page of docs/ is in the menu', () => {
  const menu = attributes(readFileSync(join(out, 'index.html'), 'utf8'), 'href');
  for (const name of readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))) assert.ok(menu.includes(`/docs/${name.replace('.md', '.html')}`), name);
  assert.match(readFileSync(join(out, 'docs/allocator.html'), 'utf8'), /<h1[^>]*>[^<]*/);
});

test('the reference has every function of the headers and every export of memory.js', () => {
  const c = readFileSync(join(out, 'api/c/index.html'), 'utf8');
  for (const name of ['malloc', 'posix_memalign', 'heap_span_next', 'heap_on_grow', 'memcpy', 'heap_shared_keep', 'heap_debug_check']) assert.match(c, new RegExp(`<code>${name}</code>`), name);
  assert.match(readFileSync(join(out, 'api/c/stdlib.h.html'), 'utf8'), /Takes a block back; nothing for NULL/);
  const js = readFileSync(join(out, 'api/js/memory.html'), 'utf8');
  for (const name of ['load', 'loadSync', 'heapOf', 'struct', 'Heap', 'Block']) assert.match(js, new RegExp(`<h3 id="${name.toLowerCase()}(-\\d)?"`), name);
});

/** Menu entries of both kinds, as they stand in a page. */
const entriesOf = (page) => page.$$eval('.VPNavBarMenu a, .VPSidebar a', (links) => [...new Set(links.map(({ pathname }) => pathname))]);

test('every entry of the menus opens its page', { timeout: 180_000 }, () =>
  open('', async (page) => {
    const seen = new Set();
    for (const start of ['/', '/api/c/']) {
      await page.goto(new URL(start, server.address).href);
      for (const entry of (await entriesOf(page)).filter((path) => !path.startsWith('/gallery/') && !seen.has(path))) {
        seen.add(entry);
        const link = `:is(.VPNavBarMenu, .VPSidebar) a[href="${entry}"]`;
        if (!(await page.$(link))) await page.goto(new URL(start, server.address).href); // the reference has a menu of its own
        await page.$eval(link, (found) => found.click());
        await page.waitForFunction((path) => location.pathname === path && document.querySelector('.vp-doc h1'), { timeout: 20000 }, entry);
      }
    }
    assert.ok(seen.size > 30, [...seen].join());
    await page.goto(new URL('gallery/index.html', server.address).href);
    assert.equal(await page.$eval('h1', ({ textContent }) => textContent), 'Gallery');
  }));

test('the search finds a function, by keyboard', () =>
  open('', async (page) => {
    await page.keyboard.down('Control');
    await page.keyboard.press('k');
    await page.keyboard.up('Control');
    await page.waitForSelector('#localsearch-input', { timeout: 20000 });
    await page.type('#localsearch-input', 'posix_memalign');
    await page.waitForSelector('.VPLocalSearchBox .result', { timeout: 20000 });
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /\/(api|docs)\//.test(location.pathname) && document.body.innerText.includes('posix_memalign'), { timeout: 20000 });
  }));

const kShown = ['', 'docs/allocator.html', 'api/c/memory_wasm.h.html', 'bench/results/'];

for (const path of kShown) {
  test(`/${path}: in light and dark, and 360 pixels are wide enough`, () =>
    open(path, async (page) => {
      const name = path.replace(/\W+/g, '-').replace(/^$/, 'home');
      for (const theme of ['light', 'dark']) {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        await page.waitForFunction((dark) => document.documentElement.classList.contains('dark') === dark, { timeout: 10000 }, theme === 'dark');
        await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
      }
      await page.setViewport({ width: 360, height: 740, deviceScaleFactor: 2 });
      await page.waitForSelector('.VPNavBarHamburger', { visible: true, timeout: 10000 });
      await page.screenshot({ path: join(pictures, `${name}-phone.png`) });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      await page.click('.VPLocalNav .menu');
      await page.waitForSelector('.VPSidebar.open', { timeout: 10000 });
    }));
}

test('the button changes between light and dark', () =>
  open('', async (page) => {
    const isDark = () => page.evaluate(() => document.documentElement.classList.contains('dark'));
    const before = await isDark();
    await page.click('.VPNavBarAppearance button');
    assert.equal(await isDark(), !before);
  }, { width: 1400 }));
