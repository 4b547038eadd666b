// Pictures in the heap of filter.wasm, and the newest of them on a canvas.

import { counted, get, onClick, showProblem, start, timed } from './gallery.js';

const kMostPixels = 2_000_000;

start('./filter.wasm', ({ exports, heap }) => {
  const canvas = /** @type {HTMLCanvasElement} */ (get('picture'));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const radius = /** @type {HTMLInputElement} */ (get('radius'));
  /** Pointers to the pictures, the newest last. @type {number[]} */
  const pictures = [];

  /** The pixels of a picture, as they stand in memory: valid until the memory grows. @param {number} picture */
  const pixelsOf = (picture) => heap.subarray(exports.pixelsOf(picture) >>> 0, canvas.width * canvas.height * 4);

  /** @param {string} what */
  function show(what) {
    const image = context.createImageData(canvas.width, canvas.height);
    image.data.set(pixelsOf(/** @type {number} */ (pictures.at(-1))));
    context.putImageData(image, 0, 0);
    /** @type {HTMLButtonElement} */ (get('undo')).disabled = pictures.length < 2;
    get('status').textContent = `${what}. ${counted(pictures.length, 'picture')} of ${canvas.width} × ${canvas.height} in the heap.`;
  }

  /** Keeps a picture that the program made. @param {number} picture */
  function keep(picture) {
    if (!picture) throw new Error('The program returned NULL: no memory is left. Undo frees a picture.');
    pictures.push(picture);
  }

  /** Takes over what is drawn on a canvas, and frees all that was there. @param {ImageData} image @param {string} what */
  function begin({ width, height, data }, what) {
    for (const picture of pictures.splice(0)) exports.deletePicture(picture);
    Object.assign(canvas, { width, height });
    keep(exports.createPicture(width, height) >>> 0);
    pixelsOf(pictures[0]).set(data);
    show(what);
  }

  for (const [name, title] of Object.entries({ blur: 'Blurred', sharpen: 'Sharpened', edges: 'Edges found', negative: 'Turned into its negative' })) {
    onClick(name, () => {
      const [picture, time] = timed(() => exports[name](pictures.at(-1), Number(radius.value)) >>> 0);
      keep(picture);
      show(`${title} in ${time.toFixed(1)} ms`);
    });
  }

  onClick('undo', () => {
    exports.deletePicture(pictures.pop());
    show('Undone');
  });

  get('file').addEventListener('change', async ({ target }) => {
    const [file] = /** @type {HTMLInputElement} */ (target).files ?? [];
    if (!file) return;
    try {
      begin(draw(await createImageBitmap(file)), file.name);
    } catch (error) {
      showProblem(`${file.name} can't be shown: ${/** @type {Error} */ (error).message}`);
    }
  });

  begin(landscape(960, 540), 'A landscape');
});

/** The pixels of a picture, made smaller if it has more than kMostPixels. @param {ImageBitmap} bitmap */
function draw(bitmap) {
  const scale = Math.min(1, Math.sqrt(kMostPixels / (bitmap.width * bitmap.height)));
  return paint(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)), (context, width, height) => context.drawImage(bitmap, 0, 0, width, height));
}

/** @param {number} width @param {number} height */
const landscape = (width, height) =>
  paint(width, height, (context) => {
    const sky = context.createLinearGradient(0, 0, 0, height);
    for (const [at, colour] of /** @type {[number, string][]} */ ([[0, '#1d3f72'], [0.55, '#e8a06a'], [0.7, '#f7dfa5']])) sky.addColorStop(at, colour);
    context.fillStyle = sky;
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#fff3c9';
    context.beginPath();
    context.arc(width * 0.68, height * 0.52, height * 0.09, 0, 7);
    context.fill();
    ['#8a6d8f', '#5b5577', '#33395a', '#1a2238'].forEach((colour, ridge) => {
      context.fillStyle = colour;
      context.beginPath();
      context.moveTo(0, height);
      for (let x = 0; x <= width; x += 4) {
        const wave = Math.sin(x / (90 - ridge * 14) + ridge * 2) + Math.sin(x / (37 + ridge * 9) + ridge) / 2 + Math.sin(x / 11 + ridge * 5) / 9;
        context.lineTo(x, height * (0.58 + ridge * 0.11) - wave * height * 0.045);
      }
      context.lineTo(width, height);
      context.fill();
    });
  });

/** @param {number} width @param {number} height @param {(context: CanvasRenderingContext2D, width: number, height: number) => void} drawOn */
function paint(width, height, drawOn) {
  const context = /** @type {CanvasRenderingContext2D} */ (Object.assign(document.createElement('canvas'), { width, height }).getContext('2d'));
  drawOn(context, width, height);
  return context.getImageData(0, 0, width, height);
}
