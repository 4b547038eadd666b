// What the declarations promise, read by tsc --strict. Lines after @ts-expect-error must not compile.

import { type Block, enumOf, type Heap, heapOf, load, MemoryWasmError, pointerTo, type Snapshot, struct, union, type View } from '../../dist/memory.js';

interface RecordProgram {
  memory: WebAssembly.Memory;
  createRecord(id: number, x: number, y: number): number;
  deleteRecord(pointer: number): void;
  mix(value: bigint): bigint;
}

export async function use(): Promise<void> {
  const { exports, heap, link, instance, module, memory } = await load<RecordProgram>(new URL('./program.wasm', import.meta.url), {
    heap: fetch('./memory.wasm'),
    imports: { env: { print: (value: number) => console.log(value) } },
    link: 'auto',
    integrity: { program: 'sha384-x' },
    onProgress: ({ file, loaded, total }) => console.log(file, loaded, total ?? 0),
    onHeap: (heap) => console.log(heap.footprint),
    signal: AbortSignal.timeout(1000),
  });
  const record: number = exports.createRecord(1, 2, 3);
  exports.deleteRecord(record);
  exports.deleteRecord(heap.alloc(12)); // a Block fits where a number does
  const big: bigint = exports.mix(1n);
  // @ts-expect-error: not an export of this program
  exports.dropRecord(record);
  // @ts-expect-error: ids are numbers
  exports.createRecord('1', 2, 3);
  // @ts-expect-error: a BigInt is wanted
  exports.mix(heap.alloc(8));
  const mode: 'merge' | 'direct' | 'table' | 'trampoline' | 'own' = link;
  const all: [WebAssembly.Instance, WebAssembly.Module, WebAssembly.Memory] = [instance, module, memory];
  console.log(mode, all, big);
  toolkit(heap);
  calls(heap, exports);

  const untyped = await load('./program.wasm');
  untyped.exports.anything(1, untyped.heap.alloc(8));
  // @ts-expect-error: no such link mode
  await load('./program.wasm', { link: 'static' });
  const plugin = await heap.attach<{ run(pointer: number): void }>('./plugin.wasm');
  plugin.exports.run(1);
  const own: Heap = heapOf(instance, { memory, program: instance.exports });
  console.log(own);
}

function toolkit(heap: Heap): void {
  using block: Block = heap.alloc(100, { align: 64 });
  const doubles: Float64Array<ArrayBuffer> = block.view(Float64Array).array;
  const bigs: BigInt64Array = heap.view(BigInt64Array, block, 1).array;
  const view: View<Uint8Array> = heap.view(Uint8Array, 16, 4);
  for (const number of heap.view(Uint8Array, 16, 4)) console.log(number.toFixed());
  for (const number of heap.view(BigUint64Array, 16, 4)) console.log(number * 2n);
  const bytes: Uint8Array<ArrayBuffer> = heap.subarray(block, 4);
  new Blob([bytes, heap.u8, block.toUint8Array()]); // TypeScript 5.9 takes no view that may be shared
  block.set(bytes, 2);
  block.resize(200);
  const sizes: number = block.byteLength + block.usableSize + heap.usableSize(block) + heap.arena(10).byteLength + view.byteLength;
  heap.free(block);
  heap.readString(block);
  heap.readStrings(block, 2);
  const total: number = heap.scope((scope) => scope.alloc(10) + scope.allocString('x') + scope.allocArray(Float32Array, [1, 2]) + scope.adopt(block));
  using scope = heap.scope();
  const later: Promise<string> = heap.scope(async () => 'text');
  // @ts-expect-error: a realloc of a Block is block.resize()
  heap.realloc(block, 10);
  // @ts-expect-error: no pointer
  heap.free('16');
  // @ts-expect-error: numbers, not BigInts
  heap.allocArray(Float64Array, [1n]);

  const Point = struct({ x: 'f64', y: 'f64' });
  const Color = enumOf({ RED: 0, GREEN: 1 });
  const Shape = struct({ id: 'i32', weight: 'u64', closed: 'bool', points: [Point, 2], tag: ['i8', 4], name: 'char[8]', color: Color, either: union({ i: 'i32', p: 'pointer' }), next: pointerTo(Point), count: 'u8', rest: ['u16', 'count'] });
  const shape = heap.read(Shape, 16);
  const numbers: number[] = [shape.id, shape.points[0].x, ...shape.tag, shape.either.i, shape.next, ...shape.rest];
  const weight: bigint = shape.weight;
  const closed: boolean = shape.closed;
  const name: string = shape.name;
  const color: 'RED' | 'GREEN' | number = shape.color;
  heap.write(Shape, 16, { id: 1, points: [{ x: 1, y: 2 }, { y: 3 }], color: 'GREEN', either: { p: block }, next: null });
  heap.write(Shape, block, { next: heap.at(Point, 16) });
  const live = heap.at(Shape, 16, 0);
  const followed: number | undefined = live.next?.x;
  live.points[0].x = 3;
  heap.allocArray(Point, [{ x: 1 }]);
  heap.allocStruct(Shape, { name: 'x' });
  const single: number = heap.read('u32', 16);
  const three: bigint[] = heap.read(['i64', 3], 16);
  // @ts-expect-error: no such field
  shape.nothing;
  // @ts-expect-error: an id is a number
  heap.write(Shape, 16, { id: 'one' });
  // @ts-expect-error: no such color
  heap.write(Shape, 16, { color: 'BLUE' });
  // @ts-expect-error: no such type
  struct({ x: 'double' });
  heap.addEventListener('grow', ({ from, to }) => console.log(to - from));
  heap.addEventListener('leak', (event) => (event.preventDefault(), console.log(event.byteLength)), { once: true });
  // @ts-expect-error: no such event
  heap.addEventListener('shrink', () => {});
  const copy: Snapshot = heap.snapshot();
  heap.restore(copy);
  for (const { pointer, byteLength, kind } of heap.spans()) if (kind === 'free') console.log(pointer + byteLength);
  const broken: { code: number; name: string; message: string } | null = heap.check();
  const check: number = heap.exports.heap_check();
  // @ts-expect-error: no such function in memory.wasm
  heap.exports.heap_nothing();
  console.log(doubles, bigs, total, scope, later, numbers, weight, closed, name, color, followed, single, three, sizes, broken, check);
  if (new Error() instanceof MemoryWasmError) console.log(new MemoryWasmError('HttpError', 'text').name === 'HttpError');
}

function calls(heap: Heap, exports: object): void {
  const Point = struct({ x: 'f64', y: 'f64' });
  const Color = enumOf({ RED: 0 });
  const { greet, sum, origin, log, sleep } = heap.bind(exports, {
    greet: { parameters: ['string', Point, Color], result: 'owned string' },
    sum: { parameters: ['bytes', 'pointer', 'i64', 'strings'], result: 'u32' },
    origin: { result: Point },
    log: { parameters: ['buffer'] },
    sleep: { parameters: ['number'], result: 'bool', async: true },
  });
  const text: string | null = greet('Ada', { x: 1 }, 'RED');
  const number: number = sum('AB', heap.alloc(8), 1n, ['a']);
  const point: { x: number; y: number } | null = origin();
  const nothing: void = log(new Uint8Array());
  const later: Promise<boolean> = sleep(5);
  // @ts-expect-error: a string is wanted
  greet(42, { x: 1 }, 0);
  // @ts-expect-error: one argument too few
  greet('Ada', { x: 1 });
  // @ts-expect-error: no such field
  greet('Ada', { z: 1 }, 0);
  // @ts-expect-error: the result is no number
  const wrong: number = origin();
  const area: (corner: { x?: number; y?: number }) => number = heap.wrap(() => 0, { parameters: [Point], result: 'f64' });
  // @ts-expect-error: no such type
  heap.wrap(() => 0, { parameters: ['text'] });
  using compare = heap.callback((a, b, c) => Math.sign(a - b) + (c?.length ?? 0), { parameters: ['i32', 'f64', 'string'], result: 'i32' });
  const pointer: number = compare.pointer;
  heap.wrap(() => 0, { parameters: ['pointer'] })(compare);
  // @ts-expect-error: the callback must return a number
  heap.callback(() => 'text', { result: 'i32' });
  heap.callback(() => {});
  console.log(text, number, point, nothing, later, wrong, area, pointer);
}
