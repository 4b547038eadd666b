// Allocation sites in the formats of the viewers that people know: V8's sampling heap profile and speedscope's.

/** @typedef {import('./leaks.js').Site} Site */
/** @typedef {import('./stacks.js').Frame} Frame */

/**
 * @typedef {object} CallFrame
 * @property {string} functionName
 * @property {string} scriptId
 * @property {string} url
 * @property {number} lineNumber from 0
 * @property {number} columnNumber
 *
 * @typedef {object} ProfileNode
 * @property {CallFrame} callFrame
 * @property {number} selfSize
 * @property {number} id
 * @property {ProfileNode[]} children
 */

/** @param {Frame} frame @returns {CallFrame} */
function callFrame({ name, place, source, index }) {
  const [, file, line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(source ?? place) ?? [];
  if (index !== undefined && !source) return { functionName: name, scriptId: '0', url: place, lineNumber: 0, columnNumber: 0 };
  return { functionName: name, scriptId: '0', url: file, lineNumber: Math.max(0, Number(line ?? 1) - 1), columnNumber: Math.max(0, Number(column ?? 1) - 1) };
}

const label = (/** @type {Frame} */ { name, place, source }) => `${name} (${source ?? place})`;

/** @param {Site[]} sites */
export function heapProfile(sites) {
  let id = 1;
  const root = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
  /** @type {ProfileNode} */
  const head = { callFrame: root, selfSize: 0, id: id++, children: [] };
  /** @type {{ size: number, nodeId: number, ordinal: number }[]} */
  const samples = [];
  /** @type {Map<ProfileNode, Map<string, ProfileNode>>} */
  const children = new Map();
  for (const { stack, byteLength, allocated } of ordered(sites)) {
    let node = head;
    for (const frame of [...stack].reverse()) {
      const known = children.get(node) ?? new Map();
      children.set(node, known);
      let child = known.get(label(frame));
      if (!child) {
        child = { callFrame: callFrame(frame), selfSize: 0, id: id++, children: [] };
        known.set(label(frame), child);
        node.children.push(child);
      }
      node = child;
    }
    node.selfSize += byteLength;
    samples.push({ size: byteLength, nodeId: node.id, ordinal: allocated });
  }
  return { head, samples };
}

/** In the order in which they first allocated. @param {Site[]} sites */
const ordered = (sites) => [...sites].sort((a, b) => b.oldest - a.oldest).map((site, i) => ({ ...site, allocated: i + 1 }));

/** @param {Site[]} sites @param {string} [name] */
export function speedscope(sites, name = 'memory in use') {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  /** @type {{ name: string, file?: string, line?: number }[]} */
  const frames = [];
  const numberOf = (/** @type {Frame} */ frame) => {
    const key = label(frame);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const { url, lineNumber } = callFrame(frame);
    numbers.set(key, frames.length);
    return frames.push({ name: frame.name, file: url, line: lineNumber + 1 }) - 1;
  };
  const samples = sites.map(({ stack }) => [...stack].reverse().map(numberOf));
  const weights = sites.map(({ byteLength }) => byteLength);
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    shared: { frames },
    profiles: [{ type: 'sampled', name, unit: 'bytes', startValue: 0, endValue: weights.reduce((sum, weight) => sum + weight, 0), samples, weights }],
    name,
    exporter: 'memory.wasm',
  };
}
