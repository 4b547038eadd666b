// The demo's page in Chromium, as a person uses it: by keyboard, in light and dark, on a phone, when something is missing.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readPage, startBrowser } from '../../examples/record/browser.mjs';
import { serve } from '../../examples/record/serve.mjs';
import { findWeakTexts } from './contrast.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const demo = `${root}build/record`;
const scratch = `${root}build/page`;
let server;
let browser;

before(async () => {
  execFileSync(`${root}examples/record/run`, ['--build'], { stdio: 'inherit' });
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  server = await serve(demo, 0);
  browser = await startBrowser();
});
after(async () => {
  server.stop();
  await browser.stop();
});

/** A test with the page open and healthy. */
const onPage = (name, use, options) =>
  test(name, () =>
    browser.withPage(server.address, async (page) => {
      const errors = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await use(page);
      assert.deepEqual(errors, []);
    }, options),
  );

/** Presses Tab until the focus is on what `selector` names. */
async function tabTo(page, selector) {
  for (let pressed = 0; pressed < 15; pressed++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => !!document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`Tab never came to ${selector}`);
}

/** Replaces the content of the field that has the focus. */
async function typeOver(page, text) {
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.type(text);
}

onPage('the keyboard alone creates a record and deletes it', async (page) => {
  await tabTo(page, 'input[name=id]');
  await typeOver(page, '42');
  await tabTo(page, 'input[name=x]');
  await typeOver(page, '-0.5');
  await tabTo(page, 'input[name=y]');
  await typeOver(page, '3.25');
  await page.keyboard.press('Enter');
  const created = await readPage(page);
  assert.deepEqual(created.records.map(({ id, x, y }) => [id, x, y]), [['42', '-0.5', '3.25']]);
  assert.match(created.status, new RegExp(`record 42 at ${created.records[0].address}`));

  await tabTo(page, '#records button');
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /Delete record 42 at 0x/);
  await page.keyboard.press('Enter');
  assert.deepEqual((await readPage(page)).records, []);
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY', 'the focus got lost with the deleted row');
});

onPage('the arrow keys go from record to record; Tab does not have to pass them all', async (page) => {
  await page.click('#create-many');
  const [frame, last] = await Promise.all(['#records-frame', '#records .selected'].map(async (selector) => (await page.$(selector)).boundingBox()));
  assert.ok(last.y >= frame.y && last.y + last.height <= frame.y + frame.height, 'the record created last is not in view');
  await tabTo(page, '#records button');
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  assert.match(await focused(), /Delete record 100 /, 'the record created last is the one to come to');
  await page.keyboard.press('ArrowUp');
  assert.match(await focused(), /Delete record 99 /);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.match(await focused(), /Delete record 100 /);
  assert.equal(await page.$$eval('#records [tabindex="0"]', ({ length }) => length), 1);
  await tabTo(page, '#map');
});

onPage('with 10,000 records, only the rows in view are in the document, and the keyboard goes to every one', async (page) => {
  await page.evaluate(() => {
    for (let clicks = 0; clicks < 100; clicks++) document.querySelector('#create-many').click();
  });
  const { recordCount } = await readPage(page);
  assert.equal(recordCount, 10000);
  assert.equal(await page.$eval('#records-table', (table) => table.getAttribute('aria-rowcount')), '10001');
  const rows = () => page.$$eval('#records tr', ({ length }) => length);
  const focused = () => page.evaluate(() => {
    const row = document.activeElement.closest('tr');
    const { top, bottom } = row.getBoundingClientRect();
    const frame = document.querySelector('#records-frame').getBoundingClientRect();
    return { index: row.getAttribute('aria-rowindex'), id: row.cells[1].textContent, inView: top >= frame.top && bottom <= frame.bottom };
  });

  await tabTo(page, '#records button');
  assert.deepEqual(await focused(), { index: '10001', id: '10000', inView: true });
  for (let step = 0; step < 40; step++) await page.keyboard.press('ArrowUp');
  assert.deepEqual(await focused(), { index: '9961', id: '9960', inView: true });

  // The focus stays in its row while that is far out of view, and comes back with it.
  await page.$eval('#records-frame', (frame) => (frame.scrollTop = frame.scrollHeight / 2));
  await page.waitForFunction(() => [...document.querySelectorAll('#records tr')].some(({ ariaRowIndex }) => ariaRowIndex === '5000'));
  assert.deepEqual(await focused(), { index: '9961', id: '9960', inView: false });
  await page.keyboard.press('ArrowDown');
  assert.deepEqual(await focused(), { index: '9962', id: '9961', inView: true });
  await page.keyboard.press('Enter');
  assert.deepEqual(await focused(), { index: '9962', id: '9962', inView: true }, 'the next record takes the place of the deleted one');
  assert.ok((await rows()) < 100, `${await rows()} rows are in the document`);
});

onPage('the keyboard walks the map piece by piece and tells what each is', async (page) => {
  await page.click('#create-many');
  await tabTo(page, '#map');
  const told = () => page.$eval('#map', (map) => map.getAttribute('aria-valuetext'));
  await page.keyboard.press('Home');
  assert.match(await told(), /^Overhead, [\d,]+ bytes at 0x[\da-f]{8}$/);
  await page.keyboard.press('ArrowRight');
  assert.match(await told(), /^In use, \d+ bytes at 0x[\da-f]{8}: record 1, x 0, y 0$/);
  await page.keyboard.press('End');
  assert.match(await told(), /^Top, /);

  const { allPieces, records } = await readPage(page);
  const visited = new Set();
  await page.keyboard.press('Home');
  for (let step = 0; step < allPieces; step++) {
    visited.add(await told());
    await page.keyboard.press('ArrowRight');
  }
  assert.equal(visited.size, allPieces);
  for (const { address } of records) assert.ok([...visited].some((text) => text.includes(address)), `${address} was never told`);
});

onPage('ArrowDown goes to the piece one row below', async (page) => {
  await page.click('#create-many');
  await tabTo(page, '#map');
  const address = () => page.$eval('#piece-address', ({ textContent }) => Number(textContent));
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  const start = await address();
  await page.keyboard.press('ArrowDown');
  const below = await address();
  const bytes = await page.$eval('#piece-bytes', ({ textContent }) => parseInt(textContent.replaceAll(',', ''), 10));
  assert.ok(below > start && below <= start + 1024 && below + bytes > start + 1024, `the piece at ${below} of ${bytes} bytes has ${start + 1024}`);
  await page.keyboard.press('ArrowUp');
  assert.ok((await address()) <= start, 'back in the row above');
});

onPage('the Delete key deletes the record that the map is at, and only records', async (page) => {
  await page.click('#create .primary');
  await tabTo(page, '#map');
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  assert.equal((await readPage(page)).recordCount, 1);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Delete');
  assert.equal((await readPage(page)).recordCount, 0);
});

onPage('hovering the map tells the piece under the pointer', async (page) => {
  await page.click('#create .primary');
  const map = await (await page.$('#map')).boundingBox();
  await page.mouse.move(map.x + 200, map.y + 10);
  assert.equal(await page.$eval('#piece', ({ dataset }) => dataset.kind), 'overhead');
  await page.mouse.move(map.x + map.width - 20, map.y + map.height - 10);
  assert.equal(await page.$eval('#piece', ({ dataset }) => dataset.kind), 'top');
  await page.mouse.move(1, 1);
  assert.equal(await page.$eval('#piece', ({ dataset }) => dataset.kind), 'used', 'the map forgot the record that was just created');
});

onPage('the pieces add up to the footprint, those in use to the records', async (page) => {
  for (const button of ['#create .primary', '#create-many', '#delete-every-other', '#create-many', '#delete-every-other', '#delete-all']) {
    await page.click(button);
    const { kinds, allBytes, allPieces, footprint, inUse, recordCount } = await readPage(page);
    const sum = (field) => Object.values(kinds).reduce((total, kind) => total + kind[field], 0);
    assert.equal(sum('bytes'), footprint, button);
    assert.equal(allBytes, footprint, button);
    assert.equal(sum('pieces'), allPieces, button);
    assert.equal(kinds.used.bytes, inUse, button);
    assert.equal(kinds.used.pieces, recordCount, button);
    assert.equal(await page.$eval('#map', (map) => Number(map.getAttribute('aria-valuemax'))), allPieces, button);
  }
});

onPage('a deleted record is gone, and its memory is used again', async (page) => {
  for (let count = 0; count < 3; count++) await page.click('#create .primary');
  const before = await readPage(page);
  await page.click('#records tr:nth-child(2) button');
  const after = await readPage(page);
  assert.deepEqual(after.records, before.records.filter((_, index) => index !== 1));
  assert.ok(after.inUse < before.inUse);
  assert.equal(after.footprint, before.footprint);
  await page.click('#create .primary');
  assert.equal((await readPage(page)).records.at(-1).address, before.records[1].address);
});

onPage('what a person types is what the form asks for', async (page) => {
  await page.$eval('input[name=id]', (input) => (input.value = '2147483648'));
  await page.click('#create .primary');
  await page.$eval('input[name=id]', (input) => (input.value = '1.5'));
  await page.click('#create .primary');
  await page.$eval('input[name=id]', (input) => (input.value = ''));
  await page.click('#create .primary');
  assert.equal((await readPage(page)).recordCount, 0);
});

for (const dark of [false, true]) {
  const theme = dark ? 'dark' : 'light';
  onPage(`in ${theme}, every text has a contrast of 4.5 to 1`, async (page) => {
    await page.click('#create-many');
    await page.click('#delete-every-other');
    await page.screenshot({ path: `${scratch}/${theme}.png`, fullPage: true });
    const { background, weak } = await page.evaluate(findWeakTexts);
    assert.equal(background < 0.5, dark, `the page is not ${theme}`);
    assert.deepEqual(weak, []);
  }, { dark });
}

onPage('360 pixels are wide enough', async (page) => {
  await page.$eval('input[name=id]', (input) => (input.value = '-2147483648'));
  await page.click('#create .primary');
  await page.click('#create-many');
  await page.click('#delete-every-other');
  await page.screenshot({ path: `${scratch}/phone.png`, fullPage: true });
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, document.querySelector('#map').clientWidth]);
  assert.equal(widths[0], 360);
  assert.ok(widths[1] > 250 && widths[1] <= 360, `the map is ${widths[1]} pixels wide`);
}, { width: 360, height: 740 });

onPage('everything that can be operated has a name', async (page) => {
  await page.click('#create .primary');
  const { children } = await page.accessibility.snapshot();
  const nodes = children.flatMap(function all(node) { return [node, ...(node.children ?? []).flatMap(all)]; });
  const operated = nodes.filter(({ role }) => ['button', 'spinbutton', 'slider'].includes(role));
  assert.ok(operated.length >= 9, `found only ${operated.map(({ name }) => name)}`);
  assert.deepEqual(operated.filter(({ name }) => !name), []);
});

/** Opens a copy of the demo in which something was changed. */
async function changed(name, change, use) {
  const folder = `${scratch}/${name}`;
  cpSync(demo, folder, { recursive: true });
  change(folder);
  const other = await serve(folder, 0);
  try {
    await browser.withPage(other.address, use);
  } finally {
    other.stop();
  }
}

/** The program with a memory that can't grow. */
function linkWithoutGrowth(folder) {
  const path = execFileSync(`${root}.ci/need`, ['lld'], { encoding: 'utf8' }).trim();
  const names = ['createRecord', 'deleteRecord', '__heap_base'].map((name) => `--export=${name}`);
  const options = ['--no-entry', '--allow-undefined', '--max-memory=131072', ...names, `${folder}/program.o`, '-o', `${folder}/program.wasm`];
  execFileSync('wasm-ld', options, { env: { ...process.env, PATH: path } });
}

test('when memory runs out, the page says so and goes on', () =>
  changed('no-growth', linkWithoutGrowth, async (page) => {
    await page.evaluate(() => {
      const button = document.querySelector('#create-many');
      for (let clicks = 0; clicks < 60 && document.querySelector('#problem').hidden; clicks++) button.click();
    });
    const full = await readPage(page);
    assert.match(full.problem, /createRecord returned NULL[^]*No memory is left/);
    assert.ok(full.recordCount > 3000, `only ${full.recordCount} records`);
    assert.equal(full.allBytes, full.footprint);
    await page.click('#delete-all');
    assert.equal((await readPage(page)).inUse, 0);
  }));

/** Opens a copy of the demo without one of its files. */
const without = (file, use) => changed(`without-${file}`, (folder) => rmSync(`${folder}/${file}`), use);

for (const file of ['program.wasm', 'memory.wasm']) {
  test(`without ${file} the page says what is missing and what to do`, () =>
    without(file, async (page) => {
      const { problem } = await readPage(page);
      assert.match(problem, new RegExp(`could not start[^]*${file.replace('.', '\\.')}[^]*404[^]*examples/record/run`));
      assert.equal(await page.$eval('#demo', ({ hidden }) => hidden), true);
    }));
}

test('without memory.js the page says so after a while', () =>
  without('memory.js', async (page) => {
    const { visibility, text } = await page.$eval('.late', (late) => ({ visibility: getComputedStyle(late).visibility, text: late.innerText }));
    assert.equal(visibility, 'visible');
    assert.match(text, /run examples\/record\/run/);
  }));
