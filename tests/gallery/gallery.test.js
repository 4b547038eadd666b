// The gallery in Chromium, as a person uses it: each page's program does its work, its heap is shown, and nothing is said on the console. In light
// and dark, and on a phone. Pictures of the pages go to build/gallery-pictures.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../../examples/record/browser.mjs';
import { findWeakTexts } from '../page/contrast.js';
import { cpuClock } from '../page/cpu-clock.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pictures = `${root}build/gallery-pictures`;
const kPages = ['index', 'filter', 'parser', 'particles', 'words'];
let server;
let address;
let browser;

before(async () => {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  server = spawn('examples/gallery/run', ['--port', '0'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  address = await printedAddress(server.stdout);
  browser = await startBrowser();
});
after(async () => {
  server?.kill();
  await browser?.stop();
});

/** The address that the command prints when it serves. */
async function printedAddress(stdout) {
  let printed = '';
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    printed += chunk;
    const [, found] = /(http:\S+) /.exec(printed) ?? [];
    if (found) return found;
  }
  throw new Error(`the gallery is not served: ${printed}`);
}

/** Opens a page of the gallery, and wants the console silent at the end. */
const openPage = (name, use, options) =>
  browser.withPage(`${address}${name}.html`, async (page) => {
    await page.evaluate(`globalThis.readCanvas = ${readCanvas}`);
    await use(page);
    const problem = await page.evaluate(() => document.querySelector('#problem:not([hidden])')?.textContent ?? null);
    assert.equal(problem, null);
  }, { ...options, silent: true });

/** Runs in the page: the pixels of a canvas, by way of another one, which is made for being read. */
function readCanvas(selector) {
  const canvas = document.querySelector(selector);
  const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height).data;
}

const onPage = (title, name, use) => test(title, () => openPage(name, use));

const textOf = (page, id) => page.$eval(`#${id}`, ({ textContent }) => textContent);
const status = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(document.querySelector('#status').textContent), { timeout: 20000 }, pattern);

/** What <memory-heap> says: blocks in use. It looks a few times a second. */
const blocks = (page, condition) =>
  page.waitForFunction((source) => {
    const text = document.querySelector('memory-heap').shadowRoot.querySelector('#blocks').textContent;
    return /\d/.test(text) && new Function('count', `return ${source}`)(Number(text.replaceAll(',', '')));
  }, { timeout: 20000 }, condition);

/** The pixels of the picture, as sums: of all, and of the differences between neighbours. */
const readPicture = (page) =>
  page.evaluate(() => {
    const data = readCanvas('#picture');
    let [light, contrast] = [0, 0];
    for (let at = 4; at < data.length; at += 4) {
      light += data[at];
      contrast += Math.abs(data[at] - data[at - 4]);
    }
    return { light, contrast };
  });

onPage('the image filter: each filter makes a picture, Undo frees it', 'filter', async (page) => {
  await blocks(page, 'count === 1');
  const original = await readPicture(page);
  await page.click('#blur');
  const blurred = await readPicture(page);
  assert.ok(blurred.contrast < original.contrast * 0.7, JSON.stringify([original, blurred]));
  assert.ok(Math.abs(blurred.light / original.light - 1) < 0.01, 'a blur keeps the light');
  await page.click('#sharpen');
  assert.ok((await readPicture(page)).contrast > blurred.contrast);
  await page.click('#negative');
  await page.click('#edges');
  await status(page, '^Edges found in [\\d.]+ ms\\. 5 pictures of 960 × 540');
  await blocks(page, 'count === 5');
  for (let clicks = 0; clicks < 4; clicks++) await page.click('#undo');
  assert.deepEqual(await readPicture(page), original);
  assert.ok(await page.$eval('#undo', ({ disabled }) => disabled));
  await blocks(page, 'count === 1');
});

onPage('the image filter: the negative of the negative is the picture', 'filter', async (page) => {
  const original = await readPicture(page);
  await page.click('#negative');
  assert.notDeepEqual(await readPicture(page), original);
  await page.click('#negative');
  assert.deepEqual(await readPicture(page), original);
});

onPage('the image filter takes a picture from a file', 'filter', async (page) => {
  await (await page.$('#file')).uploadFile(`${root}docs/debugging-page.png`);
  await status(page, '^debugging-page\\.png\\. 1 picture of ');
  await page.click('#blur');
  await status(page, '2 pictures');
  await (await page.$('#file')).uploadFile(`${root}README.md`);
  await page.waitForSelector('#problem:not([hidden])');
  assert.match(await textOf(page, 'problem'), /^README\.md can't be shown/);
  await page.click('#undo');
});

/** Types a JSON text, parses it, and returns what the page says. */
async function parse(page, text) {
  await page.$eval('#text', (area, value) => ((area.value = value), area.dispatchEvent(new Event('input'))), text);
  await page.click('#parse');
  const problem = await page.$eval('#problem', ({ hidden, textContent }) => (hidden ? null : textContent));
  return problem ?? (await textOf(page, 'tree'));
}

onPage('the parser reads what JSON.parse reads', 'parser', async (page) => {
  assert.equal(await parse(page, '[]'), 'array of 0');
  assert.equal(await parse(page, ' {"a": [1, -2.5e3, true], "b": {"c": null}, "d": "\\u00fc\\ud83d\\udc4b\\n"} '), 'object of 3\n  a: array of 3\n    1\n    -2500\n    true\n  b: object of 1\n    c: null\n  d: "ü👋\\n"');
  assert.equal(await parse(page, '"\\ud800x"'), '"�x"');
  assert.match(await parse(page, `${'['.repeat(400)}${']'.repeat(400)}`), /^array of 1\n/);
});

const kBroken = {
  '': /^expected a value, line 1, column 1$/,
  '[1,\n 2,]': /^expected a value, line 2, column 4$/,
  '{"a" 1}': /^expected a colon behind the name, line 1/,
  '{a: 1}': /^expected a name in quotes/,
  '[1 2]': /^expected a comma or \]/,
  '{"a": 1': /^expected a comma or \}/,
  '"abc': /^the text has no end/,
  '"\\x"': /^no such escape/,
  '"\\u12"': /^\\u wants four/,
  '"\n"': /^a control character/,
  '01': /^something follows the value/,
  '1.': /^expected a value/,
  'nul': /^expected a value/,
  '1 2': /^something follows the value, line 1, column 3$/,
  ['['.repeat(500)]: /^nested too deep/,
};
test('the parser says what is wrong and where, and leaves nothing behind', () =>
  openPage('parser', async (page) => {
    for (const [text, problem] of Object.entries(kBroken)) {
      assert.match(await parse(page, text), problem, text);
      assert.throws(() => JSON.parse(text), text);
    }
    await parse(page, '1');
    await page.click('#free');
    await blocks(page, 'count === 0');
  }));

onPage('the parser: two megabytes become a tree, and are freed', 'parser', async (page) => {
  await page.click('#fill');
  await page.click('#parse');
  await status(page, '^126,001 values of 2\\.\\d+ MB in \\d+ ms; JSON\\.parse takes \\d+ ms\\.');
  const sum = Number(/sum is ([\d.e+-]+)\.$/.exec(await textOf(page, 'status'))[1]);
  assert.ok(Math.abs(sum / kSumOfCities - 1) < 1e-9, `${sum}, not ${kSumOfCities}`);
  await blocks(page, 'count === 226801'); // values, their names, their texts
  await page.click('#free');
  await blocks(page, 'count === 0');
  assert.equal(await textOf(page, 'tree'), '');
});

/** The sum of the numbers of parser.js's cities. */
const kSumOfCities = Array.from({ length: 14_000 }, (_, i) => i + ((i * 7919) % 180_000) / 1000 - 90 + ((i * 104_729) % 360_000) / 1000 - 180 + ((i * 2_654_435) % 9_000_000)).reduce((a, b) => a + b);

onPage('the particles move, and bursts are freed when they have faded', 'particles', async (page) => {
  const alive = (count) => page.waitForFunction((wanted) => Number(document.querySelector('#alive').textContent.replaceAll(',', '')) === wanted, { timeout: 30000 }, count);
  await alive(300);
  await page.click('#world');
  await page.focus('#world');
  await page.keyboard.press('Space');
  await alive(900);
  await blocks(page, 'count >= 4'); // three bursts and the arena
  assert.ok(await page.evaluate(doesMove), 'all frames are the same');
  await page.click('#rain');
  await page.waitForFunction(() => Number(document.querySelector('#alive').textContent.replaceAll(',', '')) > 1200, { timeout: 30000 });
  await page.click('#rain');
  assert.match(await textOf(page, 'arena'), /^\d+ of \d+ KB$/);
  const cpuTime = await cpuPerFrame(page, 60);
  assert.ok(cpuTime < 16, `${cpuTime.toFixed(1)} ms of CPU time a frame: 60 frames a second leave 16`);
  await page.click('#clear');
  await alive(0);
  await blocks(page, 'count <= 2');
  await page.click('#pause');
  await page.waitForFunction(() => document.querySelector('#rate').textContent === 'paused', { timeout: 10000 });
});

/** Milliseconds of the page's main thread for a frame. */
async function cpuPerFrame(page, frames) {
  const cpuTime = await cpuClock(page);
  const before = await cpuTime();
  await page.evaluate(async (count) => {
    for (let frame = 0; frame < count; frame++) await new Promise((done) => requestAnimationFrame(done));
  }, frames);
  return ((await cpuTime()) - before) / frames;
}

/** Runs in the page: whether the world looks different some frames later. */
async function doesMove() {
  const before = readCanvas('#world');
  for (let frames = 0; frames < 10; frames++) await new Promise((done) => requestAnimationFrame(done));
  return readCanvas('#world').some((value, at) => value !== before[at]);
}

onPage('the Worker counts words, and the page shows its heap', 'words', async (page) => {
  await (await page.$('#file')).uploadFile(`${root}LICENSE`);
  await status(page, 'it took');
  const rows = await page.$$eval('#words tr', (lines) => lines.map(({ cells }) => [...cells].map(({ textContent }) => textContent)));
  const counts = new Map();
  const words = readFileSync(`${root}LICENSE`, 'utf8').toLowerCase().match(/[a-z']+/g);
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const wanted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, 20);
  assert.deepEqual(rows, wanted.map(([word, count]) => [word, String(count)]));
  assert.match(await textOf(page, 'status'), new RegExp(`^${words.length} words, ${counts.size} different`));
  await blocks(page, `count === ${counts.size + 1}`); // the words and the table
});

onPage('the Worker works on while the page goes on, and can be stopped', 'words', async (page) => {
  await page.click('#count');
  await status(page, 'words, [\\d,]+ different');
  await blocks(page, 'count > 1000');
  await page.click('#stop');
  await status(page, '^Stopped');
  await blocks(page, 'count === 0');
});

test('the index leads to every page, by keyboard', () =>
  openPage('index', async (page) => {
    const links = await page.$$eval('a', (all) => all.map(({ href }) => href));
    assert.deepEqual(links.map((link) => link.replace(address, '')), kPages.slice(1).map((name) => `${name}.html`));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#demo:not([hidden]) #picture', { timeout: 10000 });
  }));

/** Everything that can be operated has a name for those who don't see it. @param {import('puppeteer-core').Page} page */
async function nameless(page) {
  const all = [await page.accessibility.snapshot()].flatMap(function nodes(node) { return [node, ...(node.children ?? []).flatMap(nodes)]; });
  return all.filter(({ role, name }) => ['button', 'link', 'slider', 'textbox', 'progressbar'].includes(role) && !name);
}

for (const name of kPages) {
  test(`${name}: in light and dark every text has a contrast of 4.5 to 1, 360 pixels are wide enough, everything has a name`, () =>
    openPage(name, async (page) => {
      assert.deepEqual(await nameless(page), []);
      for (const theme of ['light', 'dark']) {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        await page.screenshot({ path: `${pictures}/${name}-${theme}.png`, fullPage: true });
        const { background, weak } = await page.evaluate(findWeakTexts);
        assert.equal(background < 0.5 ? 'dark' : 'light', theme);
        assert.deepEqual(weak, []);
      }
      await page.setViewport({ width: 360, height: 740, deviceScaleFactor: 2 });
      await page.screenshot({ path: `${pictures}/${name}-phone.png`, fullPage: true });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    }));
}

test('without its program a page says what is missing', async () => {
  rmSync(`${root}build/gallery/filter.wasm`);
  await browser.withPage(`${address}filter.html`, async (page) => {
    assert.match(await textOf(page, 'problem'), /filter\.wasm[^]*404/);
    assert.ok(await page.$eval('#demo', ({ hidden }) => hidden));
  });
});
