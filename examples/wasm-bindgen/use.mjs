import { useDocuments } from './documents.js';

for (const adopt of [false, true]) {
  const { keys, seesTheProgramsBlocks, isUntouched, isSound, leftOver } = await useDocuments(adopt);
  console.log(`${adopt ? 'in the place of its malloc' : 'beside its malloc'}: ${keys} keys, the page's block is untouched: ${isUntouched}`);
  console.log(`the heap sees the program's blocks: ${seesTheProgramsBlocks}, is sound: ${isSound}, in use at the end: ${leftOver} bytes`);
}
