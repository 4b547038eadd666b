// Types for every entry of the package, by the names that a program imports.

import { load } from 'memory.wasm/inline';
import { merge, MergeError } from 'memory.wasm/merge';
import { inspect, link } from 'memory.wasm/cli';
import type {} from 'memory.wasm/global';

export const merged: Uint8Array = merge(new Uint8Array(), new Uint8Array(), { file: 'program.wasm' }).bytes;
export const loaded = load('./program.wasm').then(({ heap }) => heap.inUse.toFixed());
export const classic = MemoryWasm.load('./program.wasm').then(({ heap }) => heap.malloc(8).toFixed());
export const linked: Promise<Uint8Array> = link('./program.wasm', { heap: 'release', exports: ['malloc'], optimize: true }).then(({ bytes, notes }) => (console.log(notes.join()), bytes));
export const cures = inspect(new Uint8Array(), { file: 'x' }).then(({ findings }) => findings.map(({ cure }) => cure));
export const named: string = new MergeError('x').name;
