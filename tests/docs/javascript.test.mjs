// docs/javascript.md as a reader would follow it: files are saved, commands run, each block of JavaScript is run in Node and
// must print what stands behind its lines, and each page is opened in Chromium.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browsers } from '../e2e/browsers.js';
import { startServer } from '../e2e/server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = execFileSync(join(root, '.ci/need'), ['clang', 'lld', 'node'], { encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(tmpdir(), 'memory-wasm-guide-'));
symlinkSync(join(root, 'dist'), join(folder, 'dist'));
after(() => rmSync(folder, { recursive: true }));

const guide = readFileSync(join(root, 'docs/javascript.md'), 'utf8');
const blocks = [...guide.matchAll(/(?:<!-- (\w+)(?:: (\S+))? -->\n)?```(\w+)\n([^]*?)```/g)].map(([, mark, name, language, text]) => ({ mark, name, language, text }));
const begin = blocks.find(({ mark }) => mark === 'begin').text;

/** What the comments behind the lines say that is printed. */
const expectedOf = (text) => [...text.matchAll(/(?:console\.log\(.*\);|textContent = .*;|heap\.malloc\(100000\);) \/\/ (.*)$/gm)].map(([, value]) => value);

/** A block with the lines that all begin with, unless it has them; imports go first. */
function whole(text) {
  if (text.includes('await load(\'./program.wasm\');\nconst bytes')) return text;
  const imports = text.match(/^import .*$/gm) ?? [];
  return [...imports, begin, text.replace(/^import .*$/gm, '')].join('\n');
}

for (const { mark, name, language, text } of blocks) {
  const title = `${mark ?? language}: ${name ?? text.trim().split('\n').slice(-1)[0]}`;
  if (name) test(title, () => writeFileSync(join(folder, name), text));
  else if (language === 'sh') test(title, () => void execFileSync('sh', ['-ec', text], { cwd: folder, env: { ...process.env, PATH: path } }));
  else if (language === 'js' && mark !== 'begin') {
    test(title, () => {
      writeFileSync(join(folder, 'block.mjs'), whole(text));
      const printed = execFileSync(process.execPath, ['block.mjs'], { cwd: folder, encoding: 'utf8' }).trimEnd().split('\n');
      assert.ok(printed.length > 0 && expectedOf(text).length > 0);
      assert.deepEqual(printed, expectedOf(text));
    });
  } else if (mark === 'page') {
    test(title, async () => {
      writeFileSync(join(folder, 'index.html'), text);
      const server = await startServer({ root: folder });
      const shown = await browsers.chromium(server.address, "document.querySelector('p')?.textContent");
      server.stop();
      assert.deepEqual([shown], expectedOf(text));
    });
  }
}

test('every block has been run or saved', () => {
  for (const { mark, name, language } of blocks) assert.ok(name || mark || language === 'js' || language === 'ts', language); // tests/types compiles the latter
});

test('every error is listed, and no other', () => {
  const source = readFileSync(join(root, 'js/errors.js'), 'utf8');
  const names = [.../@typedef \{([^}]*)\} ErrorName/.exec(source)[1].matchAll(/'(\w+)'/g)].map(([, name]) => name);
  assert.deepEqual([...guide.matchAll(/^\| `(\w+Error)`/gm)].map(([, name]) => name).sort(), names.sort());
});
