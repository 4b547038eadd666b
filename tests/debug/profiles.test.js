// What is exported of leaks, against the formats of the tools that open it: speedscope's schema, and the DevTools protocol's definition of a
// sampling heap profile.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv';
import { load } from '../../js/index.js';
import { kOut } from '../e2e/build-programs.js';
import { kDist } from '../wasm/toolchain.js';

const json = (name) => JSON.parse(readFileSync(createRequire(import.meta.url).resolve(name), 'utf8'));
const { exports, heap } = await load(readFileSync(join(kOut, 'misuse-O0.wasm')), { heap: readFileSync(join(kDist, 'memory.debug.wasm')), debug: {} });
exports.leak(5);
exports.leakElsewhere();
const leaks = heap.leaks();
const written = (value) => JSON.parse(JSON.stringify(value));

function validate(schema, value) {
  const ajv = new Ajv.default({ strict: false });
  const valid = ajv.validate(schema, value);
  assert.ok(valid, ajv.errorsText());
}

test('speedscope: its schema', () => {
  const profile = written(leaks.speedscope('test'));
  validate(json('speedscope/dist/release/file-format-schema.json'), profile);
  const [{ samples, weights, endValue }] = profile.profiles;
  assert.equal(endValue, 1500);
  assert.deepEqual(weights.reduce((sum, weight) => sum + weight), 1500);
  assert.ok(samples.flat().every((frame) => frame < profile.shared.frames.length));
  assert.ok(profile.shared.frames.some(({ name }) => name === 'leakElsewhere'));
});

/** The protocol's definition of a type, as a JSON schema. */
function schemaOf({ domains }, name) {
  const { types } = domains.find(({ domain }) => domain === name);
  const all = new Map(domains.flatMap(({ domain, types = [] }) => types.map((type) => [`${domain}.${type.id}`, type])));
  const convert = ({ $ref, type, properties, items }, domain) => {
    if ($ref) {
      const full = $ref.includes('.') ? $ref : `${domain}.${$ref}`;
      return { $ref: `#/definitions/${full}` };
    }
    if (type === 'object' && properties) return {
      type, additionalProperties: false,
      properties: Object.fromEntries(properties.map((property) => [property.name, convert(property, domain)])),
      required: properties.filter(({ optional }) => !optional).map(({ name }) => name),
    };
    if (type === 'array') return { type, items: convert(items, domain) };
    return type === 'any' ? {} : { type };
  };
  assert.ok(types);
  const usable = [...all].filter(([, { type, properties }]) => type !== 'object' || properties);
  return { definitions: Object.fromEntries(usable.map(([full, type]) => [full, convert(type, full.split('.')[0])])), $ref: '#/definitions/HeapProfiler.SamplingHeapProfile' };
}

test(".heapprofile: the DevTools protocol's SamplingHeapProfile", () => {
  const profile = written(leaks.heapProfile());
  validate(schemaOf(json('devtools-protocol/json/js_protocol.json'), 'HeapProfiler'), profile);
  const total = (node) => node.selfSize + node.children.reduce((sum, child) => sum + total(child), 0);
  assert.equal(total(profile.head), 1500);
  assert.equal(profile.samples.reduce((sum, { size }) => sum + size, 0), 1500);
});

test('a profile that does not fit the formats is refused', () => {
  const profile = written(leaks.speedscope());
  delete profile.shared;
  assert.throws(() => validate(json('speedscope/dist/release/file-format-schema.json'), profile), /shared/);
  const heapProfile = written(leaks.heapProfile());
  heapProfile.head.selfSize = 'many';
  assert.throws(() => validate(schemaOf(json('devtools-protocol/json/js_protocol.json'), 'HeapProfiler'), heapProfile), /selfSize/);
});
