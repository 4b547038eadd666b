// What each package does here: a job of its own kind, small, the same every time, in Node and in a page. Each returns what it made; the table
// (run.mjs) compares that with and without adoption. Run in the folder where the packages are installed, from a copy there: so `import` and
// `require` find them. (In Node, job.mjs gives this file its `require`; for the page, esbuild bundles it.)

/**
 * Where a job runs.
 * @typedef {object} Host
 * @property {(path: string) => string} file where a file of a package is: a path or a URL
 * @property {(path: string) => Promise<Uint8Array>} bytes what is in it
 * @property {string} text a text to work on: a file of one of the packages
 * @property {boolean} isPage
 */

/** The module itself, whether a bundler or `require` gave it. */
const own = (module) => module.default ?? module;
const encoded = (text) => new TextEncoder().encode(text);
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** SHA-256 in hexadecimal. @param {BufferSource} bytes */
export async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const patterns = ['\\b(const|let|var|function|return|if|else|for|while)\\b', '//.*$', '"([^"\\\\]|\\\\.)*"', '\\b[0-9]+\\b', '(?<name>[A-Za-z_$][\\w$]*)\\s*(?=\\()', '[{}()\\[\\];,.]'];
const times = (count, work) => Array.from({ length: count }, (_, i) => work(i));

/** Scans a text with a scanner of regular expressions. */
function scan(lines, next) {
  const out = [];
  for (const line of lines) {
    for (let at = 0, found; (found = next(line, at)); ) {
      const { end } = found.captureIndices[0];
      out.push(found.index, end);
      at = Math.max(end, at + 1);
    }
  }
  return out;
}

export const kJobs = {
  async onigasm({ bytes, text }) {
    const { loadWASM, OnigScanner } = require('onigasm');
    await loadWASM((await bytes('onigasm/lib/onigasm.wasm')).buffer);
    const scanner = new OnigScanner(patterns);
    return scan(text.split('\n'), (line, at) => scanner.findNextMatchSync(line, at));
  },
  async 'vscode-oniguruma'({ bytes, text }) {
    const { loadWASM, OnigScanner, OnigString } = require('vscode-oniguruma');
    await loadWASM((await bytes('vscode-oniguruma/release/onig.wasm')).buffer);
    const scanner = new OnigScanner(patterns);
    const out = scan(text.split('\n'), (line, at) => {
      const string = new OnigString(line);
      const found = scanner.findNextMatchSync(string, at);
      string.dispose();
      return found;
    });
    scanner.dispose();
    return out;
  },
  async harfbuzzjs() {
    const hb = await import('harfbuzzjs');
    const blob = new hb.Blob(new Uint8Array(64).buffer);
    const face = new hb.Face(blob, 0);
    const font = new hb.Font(face);
    return times(200, (i) => {
      const buffer = new hb.Buffer();
      buffer.addText(`line ${i}: ${'office '.repeat(i % 9)}`);
      buffer.guessSegmentProperties();
      hb.shape(font, buffer);
      return (buffer.getGlyphInfos?.() ?? []).length;
    });
  },
  async 'web-tree-sitter'({ bytes, text }) {
    const { Parser, Language } = await import('web-tree-sitter');
    await Parser.init();
    const parser = new Parser();
    parser.setLanguage(await Language.load(await bytes('tree-sitter-javascript/tree-sitter-javascript.wasm')));
    const trees = times(5, () => {
      const tree = parser.parse(text);
      const found = tree.rootNode.toString();
      tree.delete();
      return found;
    });
    parser.delete();
    return trees;
  },
  async 'sql.js'() {
    const SQL = await require('sql.js')();
    const db = new SQL.Database();
    db.run('create table t(a int primary key, b text, c real); create index i on t(b); begin');
    const insert = db.prepare('insert into t values(?,?,?)');
    times(2000, (i) => insert.run([i, `name${(i * 7919) % 1000}${'x'.repeat(i % 50)}`, i / 3]));
    insert.free();
    db.run('commit');
    const out = [db.exec("select count(*), sum(c), min(b) from t where b like 'name1%'"), db.exec('select group_concat(upper(substr(b,1,6))) from t where a % 97 = 0')];
    out.push(db.export().length);
    db.close();
    return out;
  },
  async tiktoken({ bytes, text }) {
    const { init, get_encoding } = require('tiktoken/init');
    const program = await bytes('tiktoken/tiktoken_bg.wasm');
    await init((imports) => WebAssembly.instantiate(program, imports));
    const encoding = get_encoding('cl100k_base');
    const tokens = [...encoding.encode(text.repeat(3))];
    const back = new TextDecoder().decode(encoding.decode(Uint32Array.from(tokens)));
    encoding.free();
    return [tokens, back.length];
  },
  async resvg({ bytes }) {
    const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
    await initWasm(await bytes('@resvg/resvg-wasm/index_bg.wasm'));
    const shapes = times(100, (i) => `<g transform="rotate(${i} 200 200)"><path d="M${i} ${i % 50} C 20 ${i}, 40 ${i}, ${i + 50} 10 Z" fill="url(#g)" opacity=".5"/></g>`);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><defs><linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient></defs>${shapes.join('')}</svg>`;
    const renderer = new Resvg(svg);
    const image = renderer.render();
    const hash = await digest(image.asPng());
    image.free();
    renderer.free();
    return hash;
  },
  async 'brotli-wasm'({ text }) {
    const brotli = await own(require('brotli-wasm'));
    return times(6, (i) => {
      const packed = brotli.compress(encoded(text), { quality: 3 + i });
      return [packed.length, isSame(brotli.decompress(packed), encoded(text))];
    });
  },
  async draco3d({ bytes }) {
    const draco = await require('draco3d').createDecoderModule({});
    const bunny = await bytes('draco3d/bunny.drc');
    const decoder = new draco.Decoder();
    const buffer = new draco.DecoderBuffer();
    buffer.Init(new Int8Array(bunny), bunny.length);
    const mesh = new draco.Mesh();
    const status = decoder.DecodeBufferToMesh(buffer, mesh);
    const points = new draco.DracoFloat32Array();
    decoder.GetAttributeFloatForAllPoints(mesh, decoder.GetAttributeByUniqueId(mesh, 0), points);
    const out = [status.ok(), mesh.num_points(), mesh.num_faces(), points.GetValue(100)];
    for (const one of [points, mesh, buffer, decoder]) draco.destroy(one);
    return out;
  },
  async 'argon2-browser'({ bytes, isPage }) {
    if (!isPage) globalThis.fetch = undefined; // its glue would fetch a path
    globalThis.loadArgon2WasmBinary = () => bytes('argon2-browser/dist/argon2.wasm');
    globalThis.loadArgon2WasmModule = async () => require('argon2-browser/dist/argon2.js');
    const argon2 = require('argon2-browser/lib/argon2.js');
    const { hashHex } = await argon2.hash({ pass: 'password', salt: 'somesalt', time: 2, mem: 1024, hashLen: 32, parallelism: 1, type: 2 });
    return hashHex;
  },
  async 'box2d-wasm'({ isPage }) {
    if (!isPage) globalThis.fetch = undefined; // its glue would fetch a path
    const box2d = await own(require('box2d-wasm'))();
    const world = new box2d.b2World(new box2d.b2Vec2(0, -10));
    const bodies = times(60, (i) => {
      const definition = new box2d.b2BodyDef();
      definition.set_type(box2d.b2_dynamicBody);
      definition.set_position(new box2d.b2Vec2(i / 9, i));
      const body = world.CreateBody(definition);
      const square = new box2d.b2PolygonShape();
      square.SetAsBox(0.5, 0.5);
      body.CreateFixture(square, 1);
      return body;
    });
    times(120, () => world.Step(1 / 60, 3, 2));
    return bodies.map((body) => [body.GetPosition().get_x(), body.GetPosition().get_y()]);
  },
  async 'zstd-wasm'({ text }) {
    const zstd = require('@bokuweb/zstd-wasm');
    await zstd.init();
    return times(5, (i) => {
      const packed = zstd.compress(encoded(text), 1 + 3 * i);
      return [packed.length, isSame(zstd.decompress(packed), encoded(text))];
    });
  },
  async 'yoga-layout'() {
    const { default: Yoga } = await import('yoga-layout');
    return times(30, (i) => {
      const root = Yoga.Node.create();
      root.setWidth(500 + i);
      root.setHeight(300);
      const children = times(20, (k) => {
        const child = Yoga.Node.create();
        child.setFlexGrow(k + 1);
        root.insertChild(child, k);
        return child;
      });
      root.calculateLayout(undefined, undefined, Yoga.DIRECTION_LTR);
      const tops = children.map((child) => child.getComputedTop());
      root.freeRecursive();
      return tops;
    });
  },
  async viz() {
    const { instance } = await import('@viz-js/viz');
    const viz = await instance();
    return times(3, (i) => viz.renderString(`digraph { ${times(20, (k) => `n${k} -> n${(k * 7 + i) % 20}`).join(';')} }`, { format: 'plain' }));
  },
  async wasmoon({ file }) {
    const { LuaFactory } = require('wasmoon');
    const lua = await new LuaFactory(file('wasmoon/dist/glue.wasm')).createEngine();
    const out = await lua.doString('local t = {} for i = 1, 20000 do t[i] = tostring(i) .. "x" end local s = 0 for i, v in ipairs(t) do s = s + #v end return s');
    lua.global.close();
    return out;
  },
  async 'quickjs-emscripten'() {
    const { getQuickJS } = await import('quickjs-emscripten');
    const quickjs = await getQuickJS();
    return times(3, (i) => quickjs.evalCode(`JSON.stringify(Array.from({ length: 500 }, (_, k) => ({ k, s: 'x'.repeat((k + ${i}) % 40) })))`));
  },
  async 'canvaskit-wasm'({ file }) {
    const CanvasKit = await require('canvaskit-wasm/bin/canvaskit.js')({ locateFile: (name) => file(`canvaskit-wasm/bin/${name}`) });
    const surface = CanvasKit.MakeSurface(200, 200);
    const paint = new CanvasKit.Paint();
    paint.setColor(CanvasKit.Color4f(0.9, 0.2, 0.1, 1));
    times(50, (i) => surface.getCanvas().drawRect(CanvasKit.LTRBRect(i, i, i + 100, i + 60), paint));
    const image = surface.makeImageSnapshot();
    const png = await digest(image.encodeToBytes());
    for (const one of [image, paint, surface]) one.delete();
    return png;
  },
  async 're2-wasm'({ text }) {
    const { RE2 } = require('re2-wasm');
    const words = new RE2('([a-z]+)([A-Z][a-z]+)', 'gu');
    return text.split('\n').map((line) => line.replace(words, '$2-$1'));
  },
  async 'lightningcss-wasm'() {
    const { default: init, transform } = await import('./node_modules/lightningcss-wasm/index.mjs');
    await init();
    const css = times(200, (i) => `.a${i} > b:hover { color: #ff00${(16 + i).toString(16).slice(0, 2)}; margin: ${i}px ${i}px }`).join('\n');
    return new TextDecoder().decode(transform({ filename: 'a.css', code: encoded(css), minify: true }).code);
  },
  async 'libxml2-wasm'() {
    const { XmlDocument } = await import('libxml2-wasm');
    const xml = `<all>${times(500, (i) => `<one number="${i}"><name>n${i % 7}</name></one>`).join('')}</all>`;
    const document = XmlDocument.fromString(xml);
    const out = [document.find("//one[name='n3']").length, document.toString().length];
    document.dispose();
    return out;
  },
  async wabt() {
    const wabt = await require('wabt')();
    return times(5, (i) => {
      const module = wabt.parseWat('a.wat', `(module ${times(100, (k) => `(func (export "f${k}") (result i32) (i32.const ${k * i}))`).join('')})`);
      const { buffer } = module.toBinary({});
      module.destroy();
      return [...buffer].reduce((sum, byte) => (sum * 31 + byte) | 0, 0);
    });
  },
  async hyphenopoly({ bytes }) {
    const { default: hyphenopoly } = await import('hyphenopoly');
    const hyphenators = hyphenopoly.config({ require: ['en-us'], hyphen: '-', loader: (name) => bytes(`hyphenopoly/patterns/${name}`) });
    const hyphenate = await hyphenators.get('en-us');
    return hyphenate('hyphenation algorithms are fascinating and representative of typography');
  },
};

/**
 * Does one job.
 * @param {string} name
 * @param {Omit<Host, 'text'>} host
 * @param {() => number} clock milliseconds
 */
export async function done(name, host, clock) {
  const text = new TextDecoder().decode(await host.bytes('onigasm/lib/OnigScanner.js'));
  const began = clock();
  const out = await kJobs[name]({ ...host, text });
  const ms = Math.round(clock() - began);
  return { hash: (await digest(encoded(JSON.stringify(out)))).slice(0, 12), ms, adopted: globalThis.adoptedPrograms?.() ?? [] };
}
