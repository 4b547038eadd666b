// Opens the demo in headless Chromium, uses it as a person would, prints what it showed, and takes a picture. Exits with 1 if anything is not
// as it should be.
//
//     node check.mjs FOLDER

import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { readPage, startBrowser } from './browser.mjs';
import { serve } from './serve.mjs';

const folder = resolve(process.argv[2]);
const server = await serve(folder, 0);
const browser = await startBrowser();
try {
  await browser.withPage(server.address, async (page) => {
    await check(page);
    const picture = join(folder, 'screenshot.png');
    await page.screenshot({ path: picture, fullPage: true });
    console.log(`Screenshot: ${picture}`);
  });
  console.log('The page works.');
} catch (error) {
  console.error(`The page does not work: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.stop();
  server.stop();
}

/** @param {import('puppeteer-core').Page} page */
async function check(page) {
  const { problem } = await readPage(page);
  assert.equal(problem, null, `it says: ${problem}`);

  const wanted = [[1, 1.1, 2.2], [2147483647, -3.5, 1e6], [3, 0.25, -0.125]];
  for (const values of wanted) await createRecord(page, values);
  const created = await readPage(page);
  print(created, 'Three records');
  assert.deepEqual(created.records.map(({ id, x, y }) => [id, x, y].map(Number)), wanted, 'the records read back are not those created');
  for (const { address } of created.records) assert.equal(Number(address) % 16, 0, `${address} is not aligned to 16`);
  checkSums(created, 3);

  await page.click('#create-many');
  await page.click('#delete-every-other');
  const left = await readPage(page);
  print(left, 'A hundred more, every other deleted');
  checkSums(left, 52);
}

async function createRecord(page, values) {
  for (const [index, name] of ['id', 'x', 'y'].entries()) {
    await page.$eval(`input[name=${name}]`, (input, value) => (input.value = value), String(values[index]));
  }
  await page.click('#create .primary');
}

function checkSums({ recordCount, kinds, inUse, footprint, allBytes }, count) {
  assert.equal(recordCount, count, `${count} records should be there`);
  assert.equal(kinds.used.pieces, count, `${count} blocks should be in use`);
  assert.equal(kinds.used.bytes, inUse, 'the blocks do not add up to what is in use');
  assert.equal(allBytes, footprint, 'the pieces do not add up to the footprint');
}

function print({ recordCount, records, inUse, footprint, kinds }, title) {
  console.log(`${title}: ${inUse} bytes in use, footprint ${footprint} bytes, ${kinds.free.pieces} free pieces beside top`);
  for (const { address, id, x, y } of records.slice(0, 4)) console.log(`  ${address}  id ${id}, x ${x}, y ${y}`);
  if (recordCount > 4) console.log(`  ... and ${recordCount - 4} more`);
}
