// node tests/hostile/measure.js [TOOL...]: the time and memory that each tool takes for each byte of a hostile program, at worst. On Linux, which can forget the
// peak of a process's memory.

import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { candidates, growing } from './programs.js';
import { loaded, tools } from './tools.js';

const kItems = 100_000;
const programs = { ...growing, 'functions called malloc': candidates };
export const all = { ...tools, load: loaded };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Kilobytes of this process: VmRSS now, or VmHWM at most since `forgetPeak`. @param {'VmRSS' | 'VmHWM'} which */
const kilobytes = (which) => Number(new RegExp(`${which}:\\s*(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]);
const forgetPeak = () => writeFileSync('/proc/self/clear_refs', '5');

/** Microseconds and bytes for each byte of a program. */
async function taken(tool, bytes) {
  collectGarbage();
  forgetPeak();
  const [memory, time] = [kilobytes('VmRSS'), process.cpuUsage()];
  try {
    await all[tool](bytes);
  } catch {
    // a refusal takes time, too
  }
  const { user, system } = process.cpuUsage(time);
  return { time: (user + system) / bytes.length, memory: ((kilobytes('VmHWM') - memory) * 1024) / bytes.length };
}

/** The worst of a tool, and with which program. @param {string} tool */
export async function worst(tool) {
  const most = { time: { value: 0, name: '' }, memory: { value: 0, name: '' } };
  for (const [name, make] of Object.entries(programs)) {
    for (const [what, value] of Object.entries(await taken(tool, make(kItems)))) if (value > most[what].value) most[what] = { value, name };
  }
  return most;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const chosen = process.argv.slice(2);
  console.log(`| tool | µs a byte | with | bytes a byte | with |\n|---|--:|---|--:|---|`);
  for (const tool of chosen.length ? chosen : Object.keys(all)) {
    const { time, memory } = await worst(tool);
    console.log(`| ${tool} | ${time.value.toFixed(1)} | ${time.name} | ${memory.value.toFixed(0)} | ${memory.name} |`);
  }
  process.exit();
}
