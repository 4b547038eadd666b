// What a result was measured on.
import { cpus, totalmem } from 'node:os';
import { REPOSITORY, run } from './build.js';

export function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: run('git', ['-C', REPOSITORY, 'describe', '--always', '--dirty', '--exclude=*']).trim(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    compiler: run('clang-19', ['--version']).split('\n')[0],
  };
}
