// What each package does here: a job of its own kind, small, the same every time. Each returns what it made; run.mjs compares that with and
// without adoption. Run in the folder where the packages are installed: `node jobs.mjs NAME`.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.cwd();
const require = createRequire(join(folder, 'package.json'));
const file = (path) => join(folder, 'node_modules', path);
const load = (path) => import(pathToFileURL(file(path)).href);
const bytes = (path) => readFileSync(file(path));

/** A text to work on: a file of one of the packages. */
const text = () => bytes('onigasm/lib/OnigScanner.js').toString();
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
  async onigasm() {
    const { loadWASM, OnigScanner } = require('onigasm');
    await loadWASM(new Uint8Array(bytes('onigasm/lib/onigasm.wasm')).buffer);
    const scanner = new OnigScanner(patterns);
    return scan(text().split('\n'), (line, at) => scanner.findNextMatchSync(line, at));
  },
  async 'vscode-oniguruma'() {
    const { loadWASM, OnigScanner, OnigString } = require('vscode-oniguruma');
    await loadWASM(new Uint8Array(bytes('vscode-oniguruma/release/onig.wasm')).buffer);
    const scanner = new OnigScanner(patterns);
    const out = scan(text().split('\n'), (line, at) => {
      const string = new OnigString(line);
      const found = scanner.findNextMatchSync(string, at);
      string.dispose();
      return found;
    });
    scanner.dispose();
    return out;
  },
  async harfbuzzjs() {
    const hb = await load('harfbuzzjs/dist/index.mjs');
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
  async 'web-tree-sitter'() {
    const { Parser, Language } = await load('web-tree-sitter/web-tree-sitter.js');
    await Parser.init();
    const parser = new Parser();
    parser.setLanguage(await Language.load(file('tree-sitter-javascript/tree-sitter-javascript.wasm')));
    const trees = times(5, () => {
      const tree = parser.parse(text());
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
  async tiktoken() {
    const { get_encoding } = require('tiktoken');
    const encoding = get_encoding('cl100k_base');
    const tokens = [...encoding.encode(text().repeat(3))];
    const back = new TextDecoder().decode(encoding.decode(Uint32Array.from(tokens)));
    encoding.free();
    return [tokens, back.length];
  },
  async resvg() {
    const { initWasm, Resvg } = await load('@resvg/resvg-wasm/index.mjs');
    await initWasm(bytes('@resvg/resvg-wasm/index_bg.wasm'));
    const shapes = times(100, (i) => `<g transform="rotate(${i} 200 200)"><path d="M${i} ${i % 50} C 20 ${i}, 40 ${i}, ${i + 50} 10 Z" fill="url(#g)" opacity=".5"/></g>`);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><defs><linearGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient></defs>${shapes.join('')}</svg>`;
    const renderer = new Resvg(svg);
    const image = renderer.render();
    const hash = createHash('sha256').update(image.asPng()).digest('hex');
    image.free();
    renderer.free();
    return hash;
  },
  async 'brotli-wasm'() {
    const brotli = await require('brotli-wasm');
    return times(6, (i) => {
      const packed = brotli.compress(Buffer.from(text()), { quality: 3 + i });
      return [packed.length, Buffer.from(brotli.decompress(packed)).equals(Buffer.from(text()))];
    });
  },
  async draco3d() {
    const draco = await require('draco3d').createDecoderModule({});
    const bunny = bytes('draco3d/bunny.drc');
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
  async 'argon2-browser'() {
    globalThis.fetch = undefined; // its glue would fetch a path
    globalThis.loadArgon2WasmBinary = async () => bytes('argon2-browser/dist/argon2.wasm');
    globalThis.loadArgon2WasmModule = async () => require('argon2-browser/dist/argon2.js');
    const argon2 = require('argon2-browser/lib/argon2.js');
    const { hashHex } = await argon2.hash({ pass: 'password', salt: 'somesalt', time: 2, mem: 1024, hashLen: 32, parallelism: 1, type: 2 });
    return hashHex;
  },
  async 'box2d-wasm'() {
    globalThis.fetch = undefined; // its glue would fetch a path
    const box2d = await require('box2d-wasm')();
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
  async 'zstd-wasm'() {
    const zstd = require('@bokuweb/zstd-wasm');
    await zstd.init();
    return times(5, (i) => {
      const packed = zstd.compress(Buffer.from(text()), 1 + 3 * i);
      return [packed.length, Buffer.from(zstd.decompress(packed)).equals(Buffer.from(text()))];
    });
  },
  async 'yoga-layout'() {
    const { default: Yoga } = await load('yoga-layout/dist/src/index.js');
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
    const { instance } = await load('@viz-js/viz/dist/viz.js');
    const viz = await instance();
    return times(3, (i) => viz.renderString(`digraph { ${times(20, (k) => `n${k} -> n${(k * 7 + i) % 20}`).join(';')} }`, { format: 'plain' }));
  },
  async wasmoon() {
    const { LuaFactory } = require('wasmoon');
    const lua = await new LuaFactory().createEngine();
    const out = await lua.doString('local t = {} for i = 1, 20000 do t[i] = tostring(i) .. "x" end local s = 0 for i, v in ipairs(t) do s = s + #v end return s');
    lua.global.close();
    return out;
  },
  async 'quickjs-emscripten'() {
    const { getQuickJS } = require('quickjs-emscripten');
    const quickjs = await getQuickJS();
    return times(3, (i) => quickjs.evalCode(`JSON.stringify(Array.from({ length: 500 }, (_, k) => ({ k, s: 'x'.repeat((k + ${i}) % 40) })))`));
  },
  async 'canvaskit-wasm'() {
    const CanvasKit = await require('canvaskit-wasm/bin/canvaskit.js')({ locateFile: (name) => file(`canvaskit-wasm/bin/${name}`) });
    const surface = CanvasKit.MakeSurface(200, 200);
    const paint = new CanvasKit.Paint();
    paint.setColor(CanvasKit.Color4f(0.9, 0.2, 0.1, 1));
    times(50, (i) => surface.getCanvas().drawRect(CanvasKit.LTRBRect(i, i, i + 100, i + 60), paint));
    const image = surface.makeImageSnapshot();
    const png = createHash('sha256').update(image.encodeToBytes()).digest('hex');
    for (const one of [image, paint, surface]) one.delete();
    return png;
  },
  async 're2-wasm'() {
    const { RE2 } = require('re2-wasm');
    const words = new RE2('([a-z]+)([A-Z][a-z]+)', 'gu');
    return text().split('\n').map((line) => line.replace(words, '$2-$1'));
  },
  async 'lightningcss-wasm'() {
    const { default: init, transform } = await load('lightningcss-wasm/index.mjs');
    await init();
    const css = times(200, (i) => `.a${i} > b:hover { color: #ff00${(16 + i).toString(16).slice(0, 2)}; margin: ${i}px ${i}px }`).join('\n');
    return new TextDecoder().decode(transform({ filename: 'a.css', code: new TextEncoder().encode(css), minify: true }).code);
  },
  async 'libxml2-wasm'() {
    const { XmlDocument } = await load('libxml2-wasm/lib/index.mjs');
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
  async hyphenopoly() {
    const { default: hyphenopoly } = await load('hyphenopoly/hyphenopoly.module.js');
    const hyphenators = hyphenopoly.config({ require: ['en-us'], hyphen: '-', loader: async (name) => bytes(`hyphenopoly/patterns/${name}`) });
    const hyphenate = await hyphenators.get('en-us');
    return hyphenate('hyphenation algorithms are fascinating and representative of typography');
  },
};

if (process.argv[1]?.endsWith('jobs.mjs')) {
  const began = process.cpuUsage();
  const out = await kJobs[process.argv[2]]();
  const { user, system } = process.cpuUsage(began);
  const hash = createHash('sha256').update(JSON.stringify(out)).digest('hex').slice(0, 12);
  console.log(`RESULT ${JSON.stringify({ hash, ms: Math.round((user + system) / 1000), adopted: globalThis.adoptedPrograms?.() ?? [] })}`);
}
