// Sends records to the other Worker, and reads and frees those that it gets from there.
import { parentPort, workerData } from 'node:worker_threads';
import { load } from '../../dist/memory.js';

const { handle, port, records } = workerData;
const { exports, thread } = await load(handle.program, { join: handle });

let [received, sum] = [0, 0];
port.on('message', (pointers) => {
  for (const pointer of pointers) sum += exports.use_record(pointer);
  received += pointers.length;
  if (received < records) return;
  thread.leave();
  parentPort.postMessage(sum);
  port.close();
});
for (let i = 0; i < records; i += 100) port.postMessage(Array.from({ length: 100 }, (_, n) => exports.make_record(i + n)));
