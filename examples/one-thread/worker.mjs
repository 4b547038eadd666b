// Frees the text that it is given, and gives back a word.
import { parentPort, workerData } from 'node:worker_threads';
import { load } from '../../dist/memory.js';

const { handle, text } = workerData;
const { exports, thread } = await load(handle.program, { join: handle });
const word = exports.longest_word(text);
thread.leave();
parentPort.postMessage(word);
