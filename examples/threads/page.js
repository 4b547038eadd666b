// Two Workers and an AudioWorklet on one heap. The page must be isolated from other origins: serve.mjs sends the two headers for that.
import { load } from '../../dist/memory.js';

const kRecords = 10_000;
const kSampleRate = 44_100;
const show = (text) => (document.querySelector('#log').textContent += `${text}\n`);

async function run() {
  const { handle, heap, thread } = await load('../../build/examples/threads.wasm', { heap: 'shared' });
  // Rendered ahead instead of played, so that it needs neither a click nor a loudspeaker. With an AudioContext it is the same.
  const context = new OfflineAudioContext(1, kSampleRate / 2, kSampleRate);
  await context.audioWorklet.addModule('worklet.js');
  const notes = [new MessageChannel(), new MessageChannel()];
  const synthesizer = new AudioWorkletNode(context, 'synthesizer');
  synthesizer.connect(context.destination);
  const audio = watch(synthesizer.port);
  const ports = notes.map(({ port1 }) => port1);
  synthesizer.port.postMessage({ handle, ports }, ports);
  await audio.until(({ number }) => number);

  const { port1, port2 } = new MessageChannel();
  const workers = [port1, port2].map(() => new Worker('worker.js', { type: 'module' }));
  const sums = workers.map((worker) => watch(worker).until(({ sum }) => sum));
  workers.forEach((worker, i) => {
    const [port, note] = [[port1, port2][i], notes[i].port2];
    worker.postMessage({ handle, port, audio: note, records: kRecords, sampleRate: kSampleRate }, [port, note]);
  });
  const [first, second] = (await Promise.all(sums)).map(({ sum }) => sum);
  const { number, played } = await audio.until((found) => found.played === 6);
  const sound = (await context.startRendering()).getChannelData(0);
  const loudest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

  // One Worker is ended in mid-life: nobody waits for it.
  workers[0].terminate();
  const isSound = heap.check() === null && heap.malloc(100) !== 0;
  workers[1].terminate();
  return { sums: [first, second], threads: [thread.number, number], notes: played, heard: loudest > 0.1, quietAtTheEnd: sound.at(-1) === 0, isSound };
}

/** Messages of a port, as they come: `until` waits for one that passes. */
function watch(port) {
  const seen = [];
  const waiting = new Set();
  port.onmessage = ({ data }) => {
    seen.push(data);
    for (const look of waiting) look();
  };
  const until = (passes) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const failed = seen.find(({ error }) => error);
        const found = seen.find(passes);
        if (failed) reject(new Error(failed.error));
        else if (found) resolve(found);
        if (failed || found) waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return { until };
}

globalThis.results = undefined;
run().then(
  (results) => {
    globalThis.results = results;
    show(JSON.stringify(results, undefined, 2));
  },
  (error) => {
    globalThis.results = { error: `${error.name}: ${error.message}` };
    show(globalThis.results.error);
  },
);
