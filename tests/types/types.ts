// What the declarations promise, read by tsc --strict. Lines after @ts-expect-error must not compile.

import { type Block, type Heap, load, MemoryWasmError, type Snapshot, struct, wrap } from '../../dist/memory.js';

interface RecordProgram {
  memory: WebAssembly.Memory;
  createRecord(id: number, x: number, y: number): number;
}

export async function use(): Promise<void> {
  const { exports, heap, link, instance, module, memory } = await load<RecordProgram>(new URL('./program.wasm', import.meta.url), {
    heap: fetch('./memory.wasm'),
    imports: { env: { print: (value: number) => console.log(value) } },
    link: 'auto',
    integrity: { program: 'sha384-x' },
    onProgress: ({ file, loaded, total }) => console.log(file, loaded, total ?? 0),
    signal: AbortSignal.timeout(1000),
  });
  const record: number = exports.createRecord(1, 2, 3);
  // @ts-expect-error: not an export of this program
  exports.deleteRecord(record);
  // @ts-expect-error: ids are numbers
  exports.createRecord('1', 2, 3);
  const mode: 'merge' | 'direct' | 'table' | 'trampoline' = link;
  const all: [WebAssembly.Instance, WebAssembly.Module, WebAssembly.Memory] = [instance, module, memory];
  console.log(mode, all);
  toolkit(heap);

  const untyped = await load('./program.wasm');
  untyped.exports.anything(1);
  // @ts-expect-error: no such link mode
  await load('./program.wasm', { link: 'static' });
  const plugin = await heap.attach<{ run(): void }>('./plugin.wasm');
  plugin.exports.run();
}

function toolkit(heap: Heap): void {
  using block: Block = heap.alloc(100);
  const doubles: Float64Array = block.view(Float64Array).array;
  const bigs: BigInt64Array = heap.view(BigInt64Array, block.pointer, 1).array;
  const total: number = heap.scope((scope) => scope.alloc(10) + scope.allocString('x') + scope.allocArray(Float32Array, [1, 2]));
  using scope = heap.scope();
  const later: Promise<string> = heap.scope(async () => 'text');
  const Point = struct({ x: 'f64', y: 'f64' });
  const Shape = struct({ id: 'i32', weight: 'u64', closed: 'bool', points: [Point, 2], tag: ['i8', 4] });
  const shape = Shape.read(heap, 16);
  const numbers: number[] = [shape.id, shape.points[0].x, ...shape.tag];
  const weight: bigint = shape.weight;
  const closed: boolean = shape.closed;
  Shape.write(heap, 16, { id: 1, points: [{ x: 1, y: 2 }] });
  // @ts-expect-error: no such field
  shape.nothing;
  // @ts-expect-error: an id is a number
  Shape.write(heap, 16, { id: 'one' });
  // @ts-expect-error: no such type
  struct({ x: 'double' });
  const greet = wrap(heap, () => 0, ['string', Point], 'owned string');
  greet('Ada', { x: 1, y: 2 });
  // @ts-expect-error: no such type
  wrap(heap, () => 0, ['text']);
  heap.addEventListener('grow', ({ from, to }) => console.log(to - from));
  heap.addEventListener('leak', (event) => event.preventDefault());
  // @ts-expect-error: no such event
  heap.addEventListener('shrink', () => {});
  const copy: Snapshot = heap.snapshot();
  heap.restore(copy);
  for (const { pointer, byteLength, kind } of heap.spans()) if (kind === 'free') console.log(pointer + byteLength);
  const broken: { code: number; name: string; message: string } | null = heap.check();
  console.log(doubles, bigs, total, scope, later, numbers, weight, closed, broken);
  if (new Error() instanceof MemoryWasmError) console.log(new MemoryWasmError('HttpError', 'text').name === 'HttpError');
}
