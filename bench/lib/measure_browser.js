// Has a browser measure a plan. The files are served from this repository; the browsers are those of the e2e tests.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUILD, REPOSITORY } from './build.js';
import { readTrace } from './trace.js';

/** Cross-origin isolation: the page's clock is finer then. */
const HEADERS = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** It gives eight memories guard pages and checks each access to any further one, which takes twice the time. One is to spare. */
const WEBKIT_MEMORIES = 7;

/**
 * @param {import('./measure/all.js').Plan} plan @param {string} browser chromium, firefox or webkit
 * @returns {Promise<Record<string, any>>}
 */
export async function measureInBrowser(plan, browser) {
  const [{ browsers }, { startServer }] = await Promise.all(['browsers.js', 'server.js'].map((file) => import(pathToFileURL(join(REPOSITORY, 'tests/e2e', file)).href)));
  if (!browsers[browser]) throw new Error(`--browser ${browser}: expected ${Object.keys(browsers).join(', ')}`);
  if (browser === 'webkit' && plan.candidates.length > WEBKIT_MEMORIES)
    throw new Error(`WebKit can compare ${WEBKIT_MEMORIES} candidates at once, found ${plan.candidates.length}: choose fewer with --peers and --links`);
  const server = await startServer({ headers: HEADERS });
  /** @type {Record<string, any>} */
  const merged = {};
  try {
    for (const piece of pieces(forBrowser(plan))) {
      const file = join(BUILD, `plan.${browser}.json`);
      writeFileSync(file, JSON.stringify(piece));
      const text = await browsers[browser](`${server.address}bench/browser/page.html?plan=${url(file)}`, 'globalThis.results && JSON.stringify(globalThis.results)');
      const results = JSON.parse(text);
      if (results.failed) throw new Error(`${browser}: ${results.failed}`);
      addTo(merged, results);
    }
  } finally {
    server.stop();
  }
  return { ...merged, engine: engineName(merged.engine) };
}

/** A page has some minutes only, so each part gets its own. @param {import('./measure/all.js').Plan} plan */
function pieces(plan) {
  const nothing = { ...plan, traces: [], workloads: [], scaling: [], phases: false, latency: false, growth: false, programs: {} };
  return [
    ...plan.traces.map((trace) => ({ ...nothing, traces: [trace] })),
    ...plan.workloads.map((name) => ({ ...nothing, workloads: [name] })),
    ...plan.scaling.map((live) => ({ ...nothing, scaling: [live] })),
    ...plan.phases ? [{ ...nothing, phases: true }] : [],
    ...plan.latency ? [{ ...nothing, latency: true }] : [],
    ...plan.growth ? [{ ...nothing, growth: true }] : [],
    ...Object.entries(plan.programs).map(([name, linked]) => ({ ...nothing, programs: { [name]: linked } })),
  ];
}

/** Adds one piece's results to those of the others. @param {Record<string, any>} all @param {Record<string, any>} piece */
function addTo(all, piece) {
  for (const [part, value] of Object.entries(piece)) all[part] = typeof value === 'object' ? { ...all[part], ...value } : value;
}

/** @param {string} agent the browser's own account of itself */
function engineName(agent) {
  const found = /(Firefox|Chrome)\/(\d+)/.exec(agent);
  return found ? `${found[1].replace('Chrome', 'Chromium')} ${found[2]}` : `WebKitGTK ${/Version\/([\d.]+)/.exec(agent)?.[1] ?? ''}`.trim();
}

/** @param {string} path */
const url = (path) => '/' + relative(REPOSITORY, path);

/** The same plan with urls for paths, the traces decoded. @param {import('./measure/all.js').Plan} plan */
function forBrowser(plan) {
  const directory = join(BUILD, 'traces');
  mkdirSync(directory, { recursive: true });
  const traces = plan.traces.map((trace) => {
    const { operations, ...facts } = readTrace(trace), path = join(directory, trace.name);
    writeFileSync(`${path}.operations`, operations);
    writeFileSync(`${path}.json`, JSON.stringify(facts));
    return { name: trace.name, path: url(path) };
  });
  const maybe = (/** @type {string | undefined} */ path) => path && url(path);
  const candidates = plan.candidates.map((built) => ({
    ...built, program: url(built.program), heap: maybe(served(built.heap)), roomy: maybe(built.roomy), limited: maybe(built.limited), trampolines: maybe(built.trampolines),
  }));
  const programs = Object.fromEntries(Object.entries(plan.programs).map(([name, linked]) => [name, linked.map((each) => ({ ...each, path: url(each.path) }))]));
  return { ...plan, candidates, programs, traces };
}

/** A file from elsewhere is copied to where the server finds it. @param {string | undefined} path */
function served(path) {
  if (!path || !relative(REPOSITORY, path).startsWith('..')) return path;
  const copy = join(BUILD, `served.${basename(path)}`);
  copyFileSync(path, copy);
  return copy;
}
