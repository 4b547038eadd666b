// A Worker of the page: sends records to the other one and notes to the audio thread; reads and frees the records that it gets.
import { load } from '../../dist/memory.js';

addEventListener('message', async ({ data: { handle, port, audio, records, sampleRate } }) => {
  const { exports } = await load(handle.program, { join: handle });
  let [received, sum] = [0, 0];
  port.onmessage = ({ data: pointers }) => {
    for (const pointer of pointers) sum += exports.use_record(pointer);
    received += pointers.length;
    if (received === records) postMessage({ sum });
  };
  for (let i = 0; i < records; i += 100) port.postMessage(Array.from({ length: 100 }, (_, n) => exports.make_record(i + n)));
  for (const frequency of [220, 277, 330]) audio.postMessage(exports.make_note(frequency / sampleRate, sampleRate / 10));
});
