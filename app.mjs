import { readFileSync } from 'node:fs';
import onigasm from 'onigasm';

await onigasm.loadWASM(new Uint8Array(readFileSync('node_modules/onigasm/lib/onigasm.wasm')).buffer);
const scanner = new onigasm.OnigScanner(['[0-9]+', '[a-z]+']);
for (let i = 0; i < 50; i++) scanner.findNextMatchSync(`line ${i}`, 0);
