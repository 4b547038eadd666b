// UTF-8, in hosts that have a TextDecoder and in an AudioWorklet, which has none.

/** @type {{ decode(bytes: Uint8Array): string } | undefined} */
let decoder;

/**
 * What is no UTF-8 becomes U+FFFD.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function decode(bytes) {
  decoder ??= globalThis.TextDecoder ? new TextDecoder('utf-8', { ignoreBOM: true }) : { decode: decodeByEscapes };
  return decoder.decode(bytes);
}

/** @param {Uint8Array} bytes */
function decodeByEscapes(bytes) {
  try {
    return decodeURIComponent([...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return '\ufffd';
  }
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export function encode(text) {
  if (globalThis.TextEncoder) return new TextEncoder().encode(text);
  const escaped = encodeURIComponent(text.toWellFormed?.() ?? text);
  return Uint8Array.from(escaped.match(/%..|[^%]/g) ?? [], (part) => (part[0] === '%' ? parseInt(part.slice(1), 16) : part.charCodeAt(0)));
}
