// node tests/hostile/measure.js [TOOL]: the time and memory that each tool takes for each byte of a hostile program, at worst. Each program is read in a
// process of its own, so that the peak of its memory is known: what the process takes without the program is subtracted.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { candidates, growing } from './programs.js';
import { loaded, tools } from './tools.js';

const kItems = 200_000;
const programs = { ...growing, 'functions called malloc': candidates };
const all = { ...tools, load: loaded };

/** What one process takes. Without a program it reads the smallest one. @param {string} tool @param {string} [name] */
function taken(tool, name = '') {
  const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--one', tool, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(output);
}

async function one(tool, name) {
  const bytes = (programs[name] ?? growing.exports)(name ? kItems : 1);
  const before = process.cpuUsage();
  try {
    await all[tool](bytes);
  } catch {
    // a refusal takes time, too
  }
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ bytes: bytes.length, microseconds: user + system, kilobytes: process.resourceUsage().maxRSS }));
  process.exit();
}

/** The worst of a tool: microseconds and bytes for each byte, and with which program. @param {string} tool */
export function worst(tool) {
  const base = taken(tool);
  const results = Object.keys(programs).map((name) => {
    const { bytes, microseconds, kilobytes } = taken(tool, name);
    return { name, time: (microseconds - base.microseconds) / bytes, memory: ((kilobytes - base.kilobytes) * 1024) / bytes };
  });
  const most = (/** @type {'time' | 'memory'} */ what) => results.reduce((a, b) => (b[what] > a[what] ? b : a));
  return { time: most('time'), memory: most('memory') };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first, tool, name] = process.argv.slice(2);
  if (first === '--one') await one(tool, name);
  else {
    console.log(`| tool | µs a byte | with | bytes a byte | with |\n|---|--:|---|--:|---|`);
    for (const name of first ? [first] : Object.keys(all)) {
      const { time, memory } = worst(name);
      console.log(`| ${name} | ${time.time.toFixed(1)} | ${time.name} | ${memory.memory.toFixed(0)} | ${memory.name} |`);
    }
  }
}
