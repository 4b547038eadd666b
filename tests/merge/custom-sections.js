// Reads custom sections and names, for tests: plain, and independent of the merger's own reading.

/** @param {Uint8Array} bytes a module */
export function customSections(bytes) {
  let at = 8;
  const number = () => {
    let value = 0, shift = 0, byte;
    do {
      byte = bytes[at++];
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  const text = () => {
    const length = number();
    return Buffer.from(bytes.subarray(at, at += length)).toString();
  };
  /** @type {{ [name: string]: number[] }} */
  const sections = {};
  /** @type {{ module?: string, functions: { [index: number]: string } }} */
  const names = { functions: {} };
  while (at < bytes.length) {
    const id = bytes[at++], end = number() + at;
    if (id === 0) {
      const name = text();
      sections[name] = [...bytes.subarray(at, end)];
      if (name === 'name') {
        while (at < end) {
          const part = bytes[at++], partEnd = number() + at;
          if (part === 0) names.module = text();
          if (part === 1) for (let count = number(); count--;) names.functions[number()] = text();
          at = partEnd;
        }
      }
    }
    at = end;
  }
  return { sections, names };
}
