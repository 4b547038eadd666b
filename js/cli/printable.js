// Names come from files that anybody may have made: what a terminal would obey, or what would show a name as another, is printed by its number.

/** Control characters (ESC and CSI among them), and those that turn the direction of writing. */
const kObeyed = /[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A name, or a sentence with names in it.
 * @param {string} text
 */
export const printable = (text) => text.replace(kObeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * A text of several lines.
 * @param {string} text
 */
export const printableLines = (text) => text.split('\n').map(printable).join('\n');
