// <memory-heap>: a heap as one sees it. `element.heap = heap` attaches it; it then looks at the heap a few times a second, in slices that fit
// into a frame.

import { element, drawTimeline, inUnits, showFlames, showHistogram } from './charts.js';
import { Camera, drawMap, kRowHeight } from './map.js';
import { record } from './recorder.js';
import { kStyle } from './style.js';
import { survey } from './survey.js';
import { readTrace } from './trace.js';
import { unsigned } from '../toolkit/wide.js';

/** @typedef {import('./survey.js').AnyHeap} AnyHeap */
/** @typedef {import('./survey.js').Survey} Survey */

/** Milliseconds of a frame that the survey may take. */
const kSlice = 5;
/** Milliseconds between surveys; and how many times longer than itself a survey of a release heap, which can't be sliced, waits. */
const kPause = 250;
const kRest = 20;
const kMostSamples = 600;
const kMostSites = 200;
const kHexRows = 8;
/** Walking a larger heap for its largest free piece takes longer than a frame. */
const kFewBlocks = 50_000;

const kLayout = `
<header>
  <span class="figure"><b id="bytes">-</b>in use</span><span class="figure"><b id="blocks">-</b>blocks</span><span class="figure"><b id="footprint">-</b>footprint</span>
  <span class="figure"><b id="fragmentation">-</b>fragmentation</span>
  <span class="tools">
    <button id="pause" aria-pressed="false">Pause</button><button id="mark" title="Show only what is allocated from now on">Mark</button>
    <button id="record" aria-pressed="false" title="Record what is allocated and freed, as a trace">Record</button>
    <label class="button"><input id="replay" type="file" accept=".wmt"><span>Replay</span></label>
    <button id="save-profile">.heapprofile</button><button id="save-snapshot">Snapshot</button>
  </span>
</header>
<main>
  <section aria-label="Map"><h2>Map</h2>
    <div class="place"><span id="range"></span><span><button id="closer" aria-label="Zoom in">+</button> <button id="farther" aria-label="Zoom out">-</button> <button id="all">All</button></span></div>
    <canvas id="map" tabindex="0" role="img" aria-label="Map of the memory. Arrow keys move, plus and minus zoom, Enter goes to the block."></canvas>
    <ul class="legend"><li><i class="used"></i>in use, small to large</li><li><i class="freed"></i>freed, kept</li>
    <li><i class="overhead"></i>overhead</li><li><i class="free"></i>free</li><li><i class="program"></i>program's data and stack</li></ul>
  </section>
  <section aria-label="At the pointer"><h2>At the pointer</h2><div id="detail" aria-live="polite"><p class="empty">Point at the map, or move there with the arrow keys.</p></div></section>
  <section aria-label="Timeline"><h2>In use and footprint over time</h2><canvas id="timeline" role="img"></canvas></section>
  <section aria-label="Sizes"><h2>Bytes by size of block</h2><div id="sizes"></div></section>
  <section class="wide" aria-label="Findings"><h2>Findings</h2><div id="findings" aria-live="polite"></div></section>
  <section class="wide" aria-label="Who allocated"><h2>Who allocated what is in use</h2><div id="flames" role="list"></div><div class="scroll"><table id="sites"></table></div></section>
</main><i id="probe" hidden></i>`;

const hex = (/** @type {number} */ address) => `0x${address.toString(16)}`;

export class MemoryHeapElement extends HTMLElement {
  #root = this.attachShadow({ mode: 'open' });
  /** @type {AnyHeap | undefined} */
  #heap;
  #camera = new Camera();
  /** @type {Generator<undefined, Survey, number> | undefined} */
  #pass;
  /** @type {Survey | undefined} */
  #last;
  /** What is left to show of the last pass, a part in each frame. @type {Generator<undefined, void> | undefined} */
  #showing;
  #nextPass = 0;
  #frame = 0;
  #mark = 0;
  #cursor = 0;
  #shownFindings = -1;
  #nextSites = 0;
  /** Whether the map follows the memory as it grows: until somebody zooms or scrolls. */
  #following = true;
  #resized = true;
  /** @type {import('./charts.js').Sample[]} */
  #samples = [];
  /** @type {ReturnType<typeof record> | undefined} */
  #recording;
  /** @type {Generator<unknown, void> | undefined} */
  #replaying;
  /** @type {{ pointer: number, byteLength: number } | undefined} */
  #chosen;

  constructor() {
    super();
    this.#root.innerHTML = kLayout;
    // Not a <style>, which a page's Content-Security-Policy may forbid.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(kStyle);
    this.#root.adoptedStyleSheets = [sheet];
    const map = this.#map;
    new ResizeObserver(() => (this.#resized = true)).observe(map);
    map.addEventListener('pointermove', ({ offsetX, offsetY }) => this.#lookAt(this.#camera.addressAt(offsetX, offsetY)));
    map.addEventListener('click', () => this.#goToBlock());
    map.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) this.#zoom(event.deltaY < 0 ? 1 : -1);
        else this.#move(() => this.#camera.scroll(Math.sign(event.deltaY) * 4));
      },
      { passive: false },
    );
    map.addEventListener('keydown', (event) => this.#key(event));
    this.#on('closer', () => this.#zoom(1));
    this.#on('farther', () => this.#zoom(-1));
    this.#on('all', () => this.#showAll());
    this.#on('pause', () => (this.paused = !this.paused));
    this.#on('mark', () => ((this.#mark = this.#heap?.mark?.() ?? 0), (this.#nextSites = 0)));
    this.#on('record', () => this.#record());
    this.#on('save-profile', () => this.#save('heap.heapprofile', JSON.stringify(this.#heap?.since?.(this.#mark).heapProfile())));
    this.#on('save-snapshot', () => this.#save('heap.json', JSON.stringify(this.snapshot())));
    this.#id('replay').addEventListener('change', async (event) => {
      const [file] = /** @type {HTMLInputElement} */ (event.target).files ?? [];
      if (file) this.replay(new Uint8Array(await file.arrayBuffer()));
    });
  }

  /** The heap that is shown. */
  get heap() {
    return this.#heap;
  }

  set heap(heap) {
    this.#heap = heap;
    this.#samples = [];
    this.#last = this.#pass = this.#showing = undefined;
    for (const id of ['record', 'mark', 'save-profile']) {
      this.#button(id).disabled = !heap?.leaks;
      if (!heap?.leaks) this.#id(id).title = "Only with heap: 'debug'";
    }
    this.#showAll();
  }

  get paused() {
    return this.#id('pause').getAttribute('aria-pressed') === 'true';
  }

  set paused(paused) {
    this.#id('pause').setAttribute('aria-pressed', String(paused));
  }

  connectedCallback() {
    const frame = () => {
      this.#frame = requestAnimationFrame(frame);
      this.work();
    };
    frame();
  }

  disconnectedCallback() {
    cancelAnimationFrame(this.#frame);
  }

  /** What is done in one frame. */
  work() {
    if (this.#replaying) this.#replayOn();
    if (!this.#heap || this.paused) return;
    if (this.#showing) {
      if (this.#showing.next().done) this.#showing = undefined;
      return;
    }
    const now = performance.now();
    if (!this.#pass) {
      if (now < this.#nextPass) return;
      this.#fit();
      if (this.#following) this.#camera.show(0, this.#heap.u8.length);
      this.#pass = survey(this.#heap, this.#camera.viewport);
      this.#pass.next(0);
      return;
    }
    const { done, value } = this.#pass.next(kSlice);
    if (!done) return;
    this.#pass = undefined;
    const took = performance.now() - now;
    this.#nextPass = now + (this.#heap.leaks ? kPause : Math.max(kPause, took * kRest));
    this.#last = value;
    this.#showing = this.#show(value);
  }

  /** @param {Survey} seen @returns {Generator<undefined, void>} */
  *#show(seen) {
    const heap = /** @type {AnyHeap} */ (this.#heap);
    const { footprint } = heap;
    this.#id('bytes').textContent = inUnits(seen.bytes);
    this.#id('blocks').textContent = seen.blocks.toLocaleString('en');
    this.#id('footprint').textContent = inUnits(footprint);
    this.#id('fragmentation').textContent = this.#fragmentation(seen, footprint);
    this.#samples.push({ time: performance.now(), bytes: seen.bytes, footprint, blocks: seen.blocks });
    if (this.#samples.length > kMostSamples) this.#samples = this.#samples.filter((_, i) => i % 2 || i > kMostSamples - 3);
    this.#draw();
    yield;
    showHistogram(this.#id('sizes'), seen.sizes, seen.sizeBytes);
    this.#showFindings();
    yield;
    if ((heap.leaks || heap.sites) && performance.now() >= this.#nextSites) this.#showSites(seen);
  }

  /** How much of the free memory is not in the largest free piece. @param {Survey} seen @param {number} footprint */
  #fragmentation({ blocks, bytes }, footprint) {
    if (blocks > kFewBlocks) return '-';
    const free = footprint - bytes;
    return free > 0 ? `${Math.max(0, Math.round(100 * (1 - /** @type {AnyHeap} */ (this.#heap).largestFree / free)))} %` : '0 %';
  }

  #draw() {
    if (!this.#last || !this.#heap) return;
    const context = /** @type {CanvasRenderingContext2D} */ (this.#map.getContext('2d'));
    drawMap(context, this.#last, { heapStart: this.#heapStart(), memoryEnd: this.#heap.u8.length, ...this.#colours(), chosen: this.#chosen });
    const { start, bytes } = this.#camera;
    this.#id('range').textContent = `${hex(start)} - ${hex(start + bytes)} (${inUnits(bytes)}, ${inUnits(this.#camera.bytesPerRow)} a row)`;
    const timeline = /** @type {HTMLCanvasElement} */ (this.#id('timeline'));
    drawTimeline(/** @type {CanvasRenderingContext2D} */ (timeline.getContext('2d')), this.#samples, timeline.width, timeline.height, this.#colours().chart);
    const last = this.#samples.at(-1);
    if (last) timeline.setAttribute('aria-label', `${inUnits(last.bytes)} in use of ${inUnits(last.footprint)}`);
  }

  #heapStart() {
    return this.#heap?.heapStart ?? this.#heap?.spans().next().value?.pointer ?? 0;
  }

  /** A light-dark() colour as the element has it. @param {CSSStyleDeclaration} style @param {string} name */
  #colour(style, name) {
    const probe = this.#id('probe');
    probe.style.color = style.getPropertyValue(name);
    return getComputedStyle(probe).color;
  }

  /** Read once for light and once for dark: each costs a layout. @type {Map<boolean, { dark: boolean, palette: import('./map.js').Palette, chart: Record<string, string> }>} */
  #schemes = new Map();

  #colours() {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const known = this.#schemes.get(dark);
    if (known) return known;
    const style = getComputedStyle(this);
    const numbers = (/** @type {string} */ name) => [name, (this.#colour(style, `--${name}`).match(/[\d.]+/g) ?? []).slice(0, 3).map(Number)];
    const palette = /** @type {import('./map.js').Palette} */ (Object.fromEntries(['surface', 'ink', 'free', 'freed', 'overhead', 'program'].map(numbers)));
    const chart = { line: this.#colour(style, '--accent'), area: this.#colour(style, '--free'), muted: this.#colour(style, '--muted') };
    const scheme = { dark, palette, chart };
    this.#schemes.set(dark, scheme);
    return scheme;
  }

  #showFindings() {
    const findings = this.#heap?.findings ?? [];
    if (findings.length === this.#shownFindings) return;
    this.#shownFindings = findings.length;
    this.#id('findings').replaceChildren(
      ...(findings.length
        ? findings
            .slice(-50)
            .reverse()
            .map((error) => {
              const details = element('details', 'finding');
              const summary = element('summary', '');
              const [what, ...rest] = error.message.split('\n');
              summary.append(element('b', '', error.name), ` ${what}`);
              details.append(summary, element('pre', '', rest.join('\n')));
              return details;
            })
        : [element('p', 'empty', this.#heap?.sites ? 'A snapshot has none.' : this.#heap?.leaks ? 'None so far.' : "Misuse is found with heap: 'debug'.")]),
    );
  }

  /** @param {Survey} seen */
  #showSites(seen) {
    const heap = /** @type {AnyHeap} */ (this.#heap);
    const few = seen.blocks <= kFewBlocks || this.#mark;
    const sites = heap.sites ?? (few ? /** @type {any} */ (heap).since(this.#mark).sites : this.#sitesOf(seen));
    this.#nextSites = performance.now() + (few ? 1000 : 3000);
    showFlames(this.#id('flames'), sites.slice(0, kMostSites));
    const row = (/** @type {string[]} */ cells, tag = 'td') => {
      const line = element('tr', '');
      line.append(...cells.map((cell, i) => element(tag, i < 2 ? 'n' : 'where', cell)));
      return line;
    };
    this.#id('sites').replaceChildren(
      row(['bytes', 'blocks', this.#mark ? 'allocated since the mark by' : 'allocated by'], 'th'),
      ...sites.slice(0, kMostSites).map((/** @type {import('../debug/leaks.js').Site} */ { byteLength, count, stack }) =>
        row([
          byteLength.toLocaleString('en'),
          count.toLocaleString('en'),
          stack
            .slice(0, 4)
            .map(({ name, source, place }) => name || source || place)
            .join(' < ') || '(no stack was taken)',
        ]),
      ),
    );
  }

  /** The same from the survey, without another pass. @param {Survey} seen @returns {import('../debug/leaks.js').Site[]} */
  #sitesOf({ stackBytes, stackBlocks }) {
    return [...stackBlocks.keys()]
      .filter((stack) => stackBlocks[stack])
      .sort((a, b) => stackBytes[b] - stackBytes[a])
      .slice(0, kMostSites)
      .map((stack) => ({
        byteLength: stackBytes[stack],
        count: stackBlocks[stack],
        oldest: 0,
        newest: 0,
        example: 0,
        stack: /** @type {any} */ (this.#heap).stacks.frames(stack),
      }));
  }

  // Moving about -------------------------------------------------------------------------------------------------------------------

  /** Gives the canvases the size that they have in the page. Asked only when that may have changed: it costs a layout. */
  #fit() {
    if (!this.#resized) return;
    this.#resized = false;
    const map = this.#map;
    const timeline = /** @type {HTMLCanvasElement} */ (this.#id('timeline'));
    timeline.width = timeline.clientWidth;
    timeline.height = timeline.clientHeight;
    const columns = Math.max(1, map.clientWidth),
      rows = Math.max(1, Math.floor(map.clientHeight / kRowHeight));
    if (columns === this.#camera.columns && rows === this.#camera.rows) return;
    const bytes = this.#camera.bytes;
    Object.assign(this.#camera, { columns, rows });
    if (bytes > 64) this.#camera.show(this.#camera.start, this.#camera.start + bytes);
    map.width = columns;
    map.height = rows * kRowHeight;
  }

  /** @param {() => void} change */
  #move(change) {
    this.#following = false;
    change();
    this.#pass = undefined;
    this.#nextPass = 0;
  }

  #showAll() {
    this.#move(() => {});
    this.#following = true;
  }

  /** @param {number} steps */
  #zoom(steps) {
    this.#move(() => this.#camera.zoom(steps, this.#cursor));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { columns, bytesPerRow, rows } = this.#camera;
    const cell = Math.max(1, Math.floor(bytesPerRow / Math.min(columns, 128)));
    const steps = /** @type {Record<string, number>} */ ({
      ArrowLeft: -cell,
      ArrowRight: cell,
      ArrowUp: -bytesPerRow,
      ArrowDown: bytesPerRow,
      PageUp: -bytesPerRow * rows,
      PageDown: bytesPerRow * rows,
    });
    if (event.key in steps) {
      this.#lookAt(Math.min(Math.max(0, this.#cursor + steps[event.key]), (this.#heap?.u8.length ?? 1) - 1));
      if (this.#cursor < this.#camera.start || this.#cursor >= this.#camera.start + this.#camera.bytes) {
        this.#move(() => this.#camera.scroll(Math.floor((this.#cursor - this.#camera.start) / bytesPerRow)));
      }
    } else if (event.key === '+' || event.key === '=') this.#zoom(1);
    else if (event.key === '-') this.#zoom(-1);
    else if (event.key === 'Home') this.#showAll();
    else if (event.key === 'Enter') this.#goToBlock();
    else return;
    event.preventDefault();
  }

  #goToBlock() {
    const block = this.#chosen;
    if (block) this.#move(() => this.#camera.show(block.pointer - 64, block.pointer + block.byteLength + 64));
  }

  /** Shows what is at an address. @param {number} address */
  #lookAt(address) {
    const heap = this.#heap;
    if (!heap) return;
    this.#cursor = address;
    const block = heap.blockAt
      ? heap.blockAt(address)
      : this.#last?.spans.find(({ pointer, byteLength }) => address >= pointer && address < pointer + byteLength);
    const inside = block && address >= block.pointer && address < block.pointer + Math.max(1, block.byteLength);
    this.#chosen = inside ? { pointer: block.pointer, byteLength: block.byteLength } : { pointer: address, byteLength: 1 };
    const lines = [element('p', '', `${hex(address)}: ${this.#describe(address, inside ? block : undefined)}`)];
    for (const [title, stack] of inside && 'allocated' in block
      ? [['allocated by', block.allocated], ...(block.released.length ? [['freed by', block.released]] : [])]
      : []) {
      lines.push(
        element(
          'pre',
          '',
          `${title}\n${/** @type {any[]} */ (stack).map(({ name, place, source }) => `  ${name ? `${name} (${source ?? place})` : place}`).join('\n') || '  (no stack was taken)'}`,
        ),
      );
    }
    // A snapshot has no bytes.
    if (!heap.sites) lines.push(element('pre', '', dump(heap.u8, inside ? block.pointer : address & ~15, inside ? block.byteLength : 16 * kHexRows)));
    this.#id('detail').replaceChildren(...lines);
    this.#draw();
  }

  /** @param {number} address @param {any} block */
  #describe(address, block) {
    if (!block)
      return address >= (this.#heap?.u8.length ?? 0) ? 'beyond the memory' : address < this.#heapStart() ? "the program's data or stack" : 'free, or overhead';
    const state = block.state ?? block.kind;
    const words = /** @type {Record<string, string>} */ ({
      live: 'in use',
      used: 'in use',
      freed: 'freed, kept from use',
      past: 'freed',
      reset: 'gone by reset',
      top: 'free',
      overhead: 'overhead',
      free: 'free',
    });
    return `${words[state] ?? state}, ${block.byteLength.toLocaleString('en')} bytes at ${hex(block.pointer)}${block.number ? `, allocation ${block.number.toLocaleString('en')}` : ''}`;
  }

  // Recording ----------------------------------------------------------------------------------------------------------------------

  #record() {
    const button = this.#id('record');
    if (this.#recording) {
      this.#recording.stop();
      this.#save('heap.wmt', this.#recording.trace.bytes());
      this.#recording = undefined;
    } else this.#recording = record(/** @type {AnyHeap} */ (this.#heap));
    button.setAttribute('aria-pressed', String(Boolean(this.#recording)));
  }

  /** Replays a trace on the heap, a part of it in each frame. @param {Uint8Array} bytes of a trace, not compressed */
  replay(bytes) {
    this.#replaying = this.#replayed(bytes);
  }

  /** @param {Uint8Array} bytes @returns {Generator<unknown, void>} */
  *#replayed(bytes) {
    const heap = /** @type {AnyHeap} */ (this.#heap);
    /** @type {number[]} */
    const slots = [];
    for (const { kind, slot, byteLength, alignment } of readTrace(bytes)) {
      if (kind === 'free') heap.free(slots[slot]);
      else if (kind === 'resize') slots[slot] = heap.realloc(slots[slot], byteLength);
      else slots[slot] = alignment > 16 ? unsigned(heap.functions.aligned_alloc(alignment, byteLength)) : heap.malloc(byteLength);
      yield;
    }
  }

  #replayOn() {
    const end = performance.now() + kSlice;
    while (performance.now() < end) {
      for (let i = 0; i < 200; i++) {
        if (/** @type {Generator<unknown, void>} */ (this.#replaying).next().done) {
          this.#replaying = undefined;
          return;
        }
      }
    }
  }

  /** What the heap holds, as `memory.wasm inspect` reads it. */
  snapshot() {
    const heap = /** @type {AnyHeap} */ (this.#heap);
    return {
      format: 'memory.wasm heap',
      version: 1,
      memory: heap.u8.length,
      footprint: heap.footprint,
      heapStart: this.#heapStart(),
      spans: [...heap.spans()].map(({ pointer, byteLength, kind }) => [pointer, byteLength, kind]),
      sites: heap.leaks?.().sites ?? heap.sites ?? [],
    };
  }

  /** @param {string} name @param {string | Uint8Array} contents */
  #save(name, contents) {
    const url = URL.createObjectURL(new Blob([/** @type {any} */ (contents)]));
    Object.assign(document.createElement('a'), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  // ----------------------------------------------------------------------------------------------------------------------------------

  /** @param {string} id */
  #id(id) {
    return /** @type {HTMLElement} */ (this.#root.getElementById(id));
  }

  /** @param {string} id */
  #button(id) {
    return /** @type {HTMLButtonElement} */ (this.#id(id));
  }

  /** @param {string} id @param {() => void} action */
  #on(id, action) {
    this.#id(id).addEventListener('click', action);
  }

  get #map() {
    return /** @type {HTMLCanvasElement} */ (this.#id('map'));
  }
}

/** Bytes in hexadecimal and as text. @param {Uint8Array} u8 @param {number} start @param {number} byteLength */
function dump(u8, start, byteLength) {
  const rows = Math.min(kHexRows, Math.ceil(byteLength / 16));
  return Array.from({ length: rows }, (_, row) => {
    const at = start + 16 * row;
    const bytes = [...u8.subarray(at, Math.min(at + 16, start + byteLength))];
    const numbers = bytes
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(' ')
      .padEnd(47);
    return `${hex(at)}  ${numbers}  ${bytes.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')}`;
  }).join('\n');
}
