// AssemblyScript: maps, arrays and strings, garbage collected, on our heap.

const positions = new Map<string, i32[]>();

export function indexWords(text: string): i32 {
  const words = text.split(" ");
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (!positions.has(word)) positions.set(word, []);
    positions.get(word).push(index);
  }
  return positions.size;
}

export function countOf(word: string): i32 {
  return positions.has(word) ? positions.get(word).length : 0;
}

/** Makes garbage and collects it. */
export function churn(rounds: i32): i32 {
  let length = 0;
  for (let round = 0; round < rounds; round++) length += `${round} of ${rounds}`.length;
  return length;
}

export function forget(): void {
  positions.clear();
  __collect();
}
