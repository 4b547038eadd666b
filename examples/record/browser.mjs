// A page in headless Chromium, for the check of the demo and for its tests.

import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';

// --no-sandbox: Chromium refuses to run as root with its sandbox, and containers seldom have the rights it needs.
const kFlags = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-gpu'];
const kNames = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

/** Starts the browser. */
export async function startBrowser() {
  const userDataDir = mkdtempSync(join(tmpdir(), 'memory-wasm-demo-'));
  const browser = await puppeteer.launch({ executablePath: chromium(), args: kFlags, headless: true, userDataDir });

  /**
   * Opens `address`, waits until the page works or says why not, calls `use` with it, and closes it whatever happens. `silent`: a page that
   * throws, or writes an error or a warning to the console, is an error.
   * @template T
   * @param {string} address
   * @param {(page: import('puppeteer-core').Page) => Promise<T>} use
   * @param {{ width?: number, height?: number, dark?: boolean, silent?: boolean }} [options]
   * @returns {Promise<T>}
   */
  async function withPage(address, use, { width = 1200, height = 900, dark = false, silent = false } = {}) {
    const page = await browser.newPage();
    /** @type {string[]} */
    const said = [];
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('console', (message) => ['error', 'warn'].includes(message.type()) && said.push(message.text()));
    try {
      await page.setViewport({ width, height, deviceScaleFactor: 2 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
      await page.goto(address);
      await settled(page);
      const result = await use(page);
      if (silent && said.length) throw new Error(`the page said: ${said.join('; ')}`);
      return result;
    } finally {
      await page.close();
    }
  }

  async function stop() {
    await browser.close();
    rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  return { withPage, stop };
}

/**
 * Waits until the page works, or says what is wrong (a page without #demo: not at all). A busy machine may need longer than the page's own
 * note that nothing came: that note counts only when there is nothing else after ten seconds.
 * @param {import('puppeteer-core').Page} page
 */
async function settled(page) {
  const worksOrFailed = () => !document.querySelector('#demo')?.hidden || !document.querySelector('#problem').hidden;
  try {
    await page.waitForFunction(worksOrFailed, { timeout: 10000 });
  } catch {
    await page.waitForFunction(() => getComputedStyle(document.querySelector('.late')).visibility === 'visible', { timeout: 5000 });
  }
}

function chromium() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of kNames) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {}
    }
  }
  throw new Error(`None of ${kNames.join(', ')} is on PATH. On Debian: apt-get install chromium`);
}

/**
 * What the demo page shows, read from its elements as a person would.
 * @param {import('puppeteer-core').Page} page
 */
export const readPage = (page) =>
  page.evaluate(() => {
    const text = (selector) => document.querySelector(selector)?.textContent ?? '';
    const number = (string) => Number(string.replace(/[^\d.-]/g, ''));
    return {
      problem: document.querySelector('#problem').hidden ? null : document.querySelector('#problem').innerText,
      status: text('#status'),
      inUse: number(text('#in-use')),
      footprint: number(text('#footprint')),
      largestFree: number(text('#largest-free')),
      recordCount: document.querySelector('#records-table').hidden ? 0 : number(text('#record-count')),
      // Those whose rows are in view, or just beyond.
      records: [...document.querySelectorAll('#records tr:not([aria-hidden])')].map(({ cells }) => {
        const [address, id, x, y] = [...cells].map((cell) => cell.textContent);
        return { address, id, x, y };
      }),
      kinds: Object.fromEntries(
        [...document.querySelectorAll('#kinds tr')].map((row) => [row.dataset.kind, { pieces: number(row.cells[1].textContent), bytes: number(row.cells[2].textContent) }]),
      ),
      allBytes: number(text('#all-bytes')),
      allPieces: number(text('#all-pieces')),
    };
  });
