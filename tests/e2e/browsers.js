// The browsers, each as a function that opens a page and returns what `read` finds there: by puppeteer for Chromium and Firefox, by plain
// WebDriver for WebKitGTK, which has no other door.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

const kChromiumFlags = [
  '--no-sandbox', '--disable-background-networking', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update', '--disable-sync',
];
const kChromium = { executablePath: '/usr/bin/chromium', args: kChromiumFlags };
const kPatience = 240000;

/** @typedef {(url: string, expression: string) => Promise<any>} Browser opens `url`, waits until `expression` is there, returns it */

/** @type {Record<string, Browser>} */
export const browsers = {
  chromium: (url, expression) => withPuppeteer(kChromium, url, expression),
  firefox: (url, expression) => withPuppeteer({ browser: 'firefox', executablePath: '/usr/bin/firefox-esr' }, url, expression),
  webkit: withWebDriver,
};

async function withPuppeteer(options, url, expression) {
  const browser = await launched(options);
  try {
    return await browser.read(url, expression);
  } finally {
    await browser.close();
  }
}

/** Chromium for many pages, one after the other: it takes long to start on a busy machine. */
export const chromiumForMany = () => launched(kChromium);

async function launched(options) {
  const userDataDir = mkdtempSync(join(tmpdir(), 'memory-wasm-browser-'));
  const remove = () => rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
  const browser = await puppeteer.launch({ headless: true, userDataDir, protocolTimeout: kPatience, ...options }).catch((error) => {
    remove();
    throw error;
  });
  return {
    /** @type {Browser} */
    async read(url, expression) {
      const page = await browser.newPage();
      // A page that threw would be waited for in vain.
      const threw = new Promise((_, reject) => {
        page.on('pageerror', ({ message }) => message.startsWith('Content-Security-Policy') || reject(new Error(`the page threw ${message}`)));
      });
      const found = async () => {
        await page.goto(url);
        await page.waitForFunction(expression, { timeout: kPatience, polling: 100 });
        return page.evaluate(expression);
      };
      return await Promise.race([threw, found()]).finally(() => page.close());
    },
    async close() {
      await browser.close();
      remove();
    },
  };
}

async function withWebDriver(url, expression) {
  const port = 20000 + (process.pid % 20000);
  // A process group of its own, so that all that xvfb-run starts ends with it.
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], { stdio: 'ignore', detached: true });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebDriver ${path}: ${value.message}`);
    return value;
  };
  const until = async (attempt) => {
    for (const end = Date.now() + kPatience; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
      const value = await attempt().catch((error) => Date.now() > end && Promise.reject(error));
      if (value) return value;
      if (Date.now() > end) throw new Error(`${expression} did not come`);
    }
  };
  try {
    await until(() => call('GET', '/status'));
    const options = { binary: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', args: ['--automation'] };
    const { sessionId } = await call('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } });
    const session = `/session/${sessionId}`;
    await call('POST', `${session}/url`, { url });
    const result = await until(() => call('POST', `${session}/execute/sync`, { script: `return ${expression}`, args: [] }));
    await call('DELETE', session);
    return result;
  } finally {
    process.kill(-driver.pid, 'SIGTERM');
  }
}
