// Draws what particles.wasm moves, and says how long that takes.

import { struct } from './memory.js';
import { get, onClick, showProblem, start } from './gallery.js';

/** The Dot of particles.c. */
const Dot = struct({ x: 'f32', y: 'f32', light: 'f32', hue: 'u32' });
const kRadius = 3;
const kLongestStep = 1 / 30; // after a pause the world goes on where it was
const kFiguresEvery = 500;
const kRainEvery = 400;

start('./particles.wasm', ({ exports, heap }) => {
  const canvas = /** @type {HTMLCanvasElement} */ (get('world'));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const count = /** @type {HTMLInputElement} */ (get('count'));
  const isPressed = (/** @type {string} */ id) => get(id).getAttribute('aria-pressed') === 'true';

  /** @param {number} x @param {number} y */
  function burst(x, y) {
    if (!exports.burst(x, y, Number(count.value), Math.random() * 360)) throw new Error('malloc returned NULL: no memory is left for a burst.');
  }

  const burstAnywhere = () => burst(canvas.clientWidth * (0.2 + 0.6 * Math.random()), canvas.clientHeight * (0.2 + 0.4 * Math.random()));

  /** @param {number} dots how many */
  function draw(dots) {
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    // Once for all: nothing allocates between here and the end.
    const { f32, u32 } = heap;
    let at = (exports.dotsOf() >>> 0) / 4;
    for (let i = 0; i < dots; i++, at += Dot.size / 4) {
      context.fillStyle = `hsl(${u32[at + 3]} 90% 65% / ${f32[at + 2]})`;
      context.fillRect(f32[at] - kRadius, f32[at + 1] - kRadius, 2 * kRadius, 2 * kRadius);
    }
  }

  /** Since the figures were last shown. */
  const since = { start: 0, frames: 0, time: 0 };
  let before = 0;
  let nextRain = 0;

  /** @param {number} now */
  function frame(now) {
    const seconds = Math.min((now - before) / 1000, kLongestStep);
    before = now;
    if (!isPressed('pause')) {
      if (isPressed('rain') && now > nextRain) {
        burstAnywhere();
        nextRain = now + kRainEvery;
      }
      const began = performance.now();
      const dots = exports.step(seconds);
      since.time += performance.now() - began;
      since.frames++;
      if (dots < 0) throw new Error('malloc returned NULL: no memory is left for the arena.');
      draw(dots);
    }
    if (now - since.start >= kFiguresEvery) showFigures(now);
    requestAnimationFrame(frameOrProblem);
  }

  /** A problem ends the show. @param {number} now */
  function frameOrProblem(now) {
    try {
      frame(now);
    } catch (error) {
      showProblem(error);
    }
  }

  /** @param {number} now */
  function showFigures(now) {
    const { frames, time, start } = since;
    get('rate').textContent = frames ? ((frames * 1000) / (now - start)).toFixed(0) : 'paused';
    get('time').textContent = frames ? `${(time / frames).toFixed(2)} ms` : '–';
    get('alive').textContent = exports.aliveCount().toLocaleString('en');
    get('arena').textContent = `${Math.round(exports.arenaUsed() / 1024)} of ${Math.round(exports.arenaSize() / 1024)} KB`;
    Object.assign(since, { start: now, frames: 0, time: 0 });
  }

  function fit() {
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    exports.resize(canvas.clientWidth, canvas.clientHeight);
  }

  const toggle = (/** @type {string} */ id) => onClick(id, () => get(id).setAttribute('aria-pressed', String(!isPressed(id))));
  toggle('pause');
  toggle('rain');
  onClick('one', burstAnywhere);
  onClick('clear', () => exports.clear());
  canvas.addEventListener('pointerdown', ({ offsetX, offsetY }) => burst(offsetX, offsetY));
  canvas.addEventListener('keydown', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    burstAnywhere();
  });
  new ResizeObserver(fit).observe(canvas);
  fit();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) get('pause').click();
  burstAnywhere();
  requestAnimationFrame(frameOrProblem);
});
