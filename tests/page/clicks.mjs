// Measures clicks in the demo's page with 10,000 records: from the click to the paint of the next frame, 20 times each, and the CPU time of the
// page's main thread, which a busy machine does not lengthen.
//
//     node tests/page/clicks.mjs

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../../examples/record/browser.mjs';
import { serve } from '../../examples/record/serve.mjs';
import { cpuClock } from './cpu-clock.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
execFileSync(`${root}examples/record/run`, ['--build'], { stdio: 'inherit' });
const server = await serve(`${root}build/record`, 0);
const browser = await startBrowser();
try {
  await browser.withPage(server.address, async (page) => {
    await page.evaluate(() => {
      for (let clicks = 0; clicks < 100; clicks++) document.querySelector('#create-many').click();
    });
    const cpuTime = await cpuClock(page);
    for (const [name, selector] of Object.entries({ create: '#create .primary', delete: '#records [tabindex="0"]' })) {
      const start = await cpuTime();
      const times = await page.evaluate(timeClicks, selector, 20);
      const cpu = (await cpuTime()) - start;
      console.log(`${name}: median ${times[10].toFixed(1)} ms, worst ${times[19].toFixed(1)} ms; CPU time ${(cpu / 20).toFixed(1)} ms`);
    }
  });
} finally {
  await browser.stop();
  server.stop();
}

/**
 * Runs in the page. A message that is posted in a frame's callback arrives after the frame was painted.
 * @param {string} selector
 * @param {number} count
 */
async function timeClicks(selector, count) {
  const nextPaint = () =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      requestAnimationFrame(() => port2.postMessage(null));
    });
  const times = [];
  for (let clicks = 0; clicks < count; clicks++) {
    await nextPaint();
    const start = performance.now();
    document.querySelector(selector).click();
    await nextPaint();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}
