// The CPU time of a page's main thread, which a busy machine does not lengthen.

/** Returns a function that says how many milliseconds of it the page has used. @param {import('puppeteer-core').Page} page */
export async function cpuClock(page) {
  const devtools = await page.createCDPSession();
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => 1000 * (await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
}
