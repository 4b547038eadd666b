// Prints every goal as a line: wanted, measured, met or not. `node tests/goals/run.mjs [--long] [NAME...]`; names are those of the files.

import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ options: { long: { type: 'boolean' } }, allowPositionals: true });
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.goals.mjs'))
  .map((file) => file.replace('.goals.mjs', ''));
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length) {
  console.error(`there are no goals '${unknown.join("', '")}'; there are: ${names.join(', ')}`);
  process.exit(2);
}

/** What is known of a goal now: measured here, or the last figure of a long measurement. */
async function resultOf({ measure, long, last }) {
  if (long && !values.long) return last ?? { measured: 'not measured: run with --long', met: false };
  try {
    return await measure();
  } catch (error) {
    return { measured: `failed: ${error.message.split('\n')[0]}`, met: false };
  }
}

let met = 0;
let missed = 0;
console.log('| part | goal | wanted | measured | met |\n|---|---|---|---|---|');
for (const name of positionals.length ? positionals : names) {
  const { default: goals } = await import(`./${name}.goals.mjs`);
  for (const goal of goals) {
    const result = await resultOf(goal);
    if (result.met) met++;
    else missed++;
    console.log(`| ${name} | ${goal.goal} | ${goal.wanted} | ${result.measured} | ${result.met ? 'yes' : '**no**'} |`);
  }
}
console.log(`\n${met} met, ${missed} not met`);
