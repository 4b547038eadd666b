// The audio thread: notes come as pointers from the Workers; it allocates a voice for each and frees the note. memory.inline.js, because an
// AudioWorklet can load nothing later.
import { load } from '../../dist/memory.inline.js';

const kSamples = 128;

class Synthesizer extends AudioWorkletProcessor {
  constructor() {
    super();
    this.port.onmessage = ({ data: { handle, ports } }) => {
      this.start(handle, ports).catch((error) => this.port.postMessage({ error: `${error.name}: ${error.message}` }));
    };
  }

  async start(handle, ports) {
    const { exports, heap, thread } = await load(handle.program, { join: handle });
    this.buffer = exports.make_buffer(kSamples);
    this.exports = exports;
    this.heap = heap;
    this.played = 0;
    const ready = () => this.port.postMessage({ number: thread.number, played: this.played });
    for (const port of ports) port.onmessage = ({ data: note }) => ((this.played += exports.play(note)), ready());
    ready();
  }

  process(inputs, [[output]]) {
    if (!this.exports) return true;
    this.exports.render(this.buffer, kSamples);
    output.set(this.heap.f32.subarray(this.buffer >>> 2, (this.buffer >>> 2) + output.length));
    return true;
  }
}

registerProcessor('synthesizer', Synthesizer);
