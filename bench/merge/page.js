// In the browser: the pair and the trees in each link mode, by turns; then the first malloc, each in a frame of its own.

import { load } from '../../dist/memory.js';

const kModes = ['static', 'merge', 'direct', 'table', 'trampoline'];
const kFirst = ['static', 'bound', 'early', 'auto', 'direct', 'table', 'trampoline'];
const kRounds = 40; // short ones: on a busy machine the least of many tells most
const base = new URL('../../', location.href).href, program = `${base}build/bench-merge/pair`;

const functions = {};
for (const link of kModes) {
  functions[link] = link === 'static' ? (await WebAssembly.instantiateStreaming(fetch(`${program}.static.wasm`), {})).instance.exports : (await load(`${program}.wasm`, { link })).exports;
}

/** Nanoseconds per operation, a list of rounds for each mode. */
async function byTurns(run, count) {
  const times = Object.fromEntries(kModes.map(link => [link, []]));
  for (const link of kModes) {
    for (const end = performance.now() + 1200; performance.now() < end;) run(functions[link], count); // until the best compiler is done
  }
  await new Promise(resolve => setTimeout(resolve, 500));
  for (let round = 0; round < kRounds; round++) {
    for (let i = 0; i < kModes.length; i++) {
      const link = kModes[(round + i) % kModes.length], start = performance.now();
      run(functions[link], count);
      times[link].push((performance.now() - start) * 1e6 / count);
    }
    await new Promise(resolve => setTimeout(resolve));
  }
  return times;
}

/** Milliseconds from the navigation of a frame to the first malloc in it. */
async function firstMalloc(prefix, rounds) {
  const times = Object.fromEntries(kFirst.map(link => [link, []])), used = {};
  for (let round = -1; round < rounds; round++) {
    for (let i = 0; i < kFirst.length; i++) {
      const link = kFirst[(round + 1 + i) % kFirst.length], frame = document.createElement('iframe');
      frame.src = `${base}${prefix}bench/merge/first.html?link=${link}&${Math.random()}`;
      const answer = new Promise(resolve => addEventListener('message', ({ data }) => resolve(data), { once: true }));
      document.body.append(frame);
      const { time, used: mode } = await answer;
      frame.remove();
      if (round >= 0) times[link].push(time);
      used[link] = mode;
    }
  }
  return { times, used };
}

globalThis.results = {
  engine: navigator.userAgent,
  pair: await byTurns((exports, count) => exports.pairs(count), 2e5),
  trees: await byTurns((exports, count) => exports.trees(count), 4),
  local: await firstMalloc('', 15),
  slow: await firstMalloc('slow/', 5),
};
