// Which code of js/ an input reached that no input reached before: V8 counts how often each block of each function ran since it was asked last.

import { Session } from 'node:inspector';

export class Coverage {
  #session = new Session();
  #folder;
  #often;
  /** Blocks that were reached, by script, and how often. @type {Set<string>} */
  #reached = new Set();

  /**
   * @param {string} folder the URL of the scripts that count
   * @param {{ often?: boolean }} [options] whether a block that ran twice or four, eight ... times as often is another one
   */
  constructor(folder, { often = true } = {}) {
    this.#folder = folder;
    this.#often = often;
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks that ran since the last call, and never before that. */
  news() {
    let count = 0;
    for (const { scriptId, url, functions } of this.#post('Profiler.takePreciseCoverage').result) {
      if (!url.startsWith(this.#folder)) continue;
      for (const { ranges } of functions) {
        for (const range of ranges) {
          if (!range.count) continue;
          const times = this.#often ? Math.min(31 - Math.clz32(range.count), 8) : 0;
          const key = `${scriptId}:${range.startOffset}-${range.endOffset}:${times}`;
          if (this.#reached.has(key)) continue;
          this.#reached.add(key);
          count++;
        }
      }
    }
    return count;
  }

  get size() {
    return this.#reached.size;
  }

  /** In the same thread the session answers at once. */
  #post(method, parameters) {
    let answer;
    this.#session.post(method, parameters, (error, result) => {
      if (error) throw new Error(error.message);
      answer = result;
    });
    return answer;
  }
}
