// The reference of the C headers: Doxygen reads include/, and each header becomes a page of Markdown.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';

/** The headers, in the order in which the site shows them, and what each is for. */
export const kHeaders = {
  'stdlib.h': 'Allocation, and the rest of the standard header with libmemory_c.a.',
  'string.h': 'What memory.wasm has of the standard header.',
  'memory_wasm.h': 'The heap itself.',
  'memory_wasm_shared.h': 'The heaps of the threads over one memory.',
  'memory_wasm_debug.h': 'What the debug heap adds.',
};

/** The headers have plain comments, and clang's words between them. */
const kOptions = {
  PROJECT_NAME: 'memory.wasm',
  OPTIMIZE_OUTPUT_FOR_C: 'YES',
  EXTRACT_ALL: 'YES',
  GENERATE_HTML: 'NO',
  GENERATE_LATEX: 'NO',
  GENERATE_XML: 'YES',
  XML_PROGRAMLISTING: 'NO',
  QUIET: 'YES',
  WARN_IF_UNDOCUMENTED: 'NO',
  MACRO_EXPANSION: 'YES',
  PREDEFINED: '"__attribute__(x)=" __restrict=',
  SEARCH_INCLUDES: 'NO',
  INPUT_FILTER: String.raw`"sed -e '1s!^/\* !/** @file\n * !' -e '/^\/\* The rest of/!s!^/\* !/** !' -e 's!\(.\) /\* !\1 /**< !'"`,
};

const kMostInTitle = 4;

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', trimValues: false });

/** @typedef {{ [name: string]: any }} Node an element of the parser: its name leads to its children */

/** @param {string} root @param {string} into */
export function writeCReference(root, into) {
  const xml = mkdtempSync(join(tmpdir(), 'memory-wasm-doxygen-'));
  try {
    const input = Object.keys(kHeaders).map((header) => join(root, 'include', header));
    const options = { ...kOptions, INPUT: input.join(' '), STRIP_FROM_PATH: join(root, 'include'), OUTPUT_DIRECTORY: xml };
    const text = Object.entries(options).map(([name, value]) => `${name} = ${value}\n`);
    execFileSync('doxygen', ['-'], { input: text.join(''), stdio: ['pipe', 'ignore', 'inherit'] });
    mkdirSync(into, { recursive: true });
    const files = readdirSync(join(xml, 'xml')).filter((name) => name.endsWith('_8h.xml'));
    const byHeader = new Map(files.map((name) => readHeader(readFileSync(join(xml, 'xml', name), 'utf8'))));
    for (const header of Object.keys(kHeaders)) writeFileSync(join(into, `${header}.md`), pageOf(header, byHeader.get(header)));
    writeFileSync(join(into, 'index.md'), indexOf(byHeader));
  } finally {
    rmSync(xml, { recursive: true });
  }
}

/** The name of a header, and its definition. @param {string} text @returns {[string, Node]} */
function readHeader(text) {
  const compound = child(child({ root: parser.parse(text) }, 'doxygen'), 'compounddef');
  return [textOf(child(compound, 'compoundname')), compound];
}

/** @param {string} header @param {Node} compound */
function pageOf(header, compound) {
  const parts = groupsOf(compound).map((group) => {
    const title =
      group.length > kMostInTitle ? `${nameOf(group[0])} … ${nameOf(/** @type {Node} */ (group.at(-1)))}` : [...new Set(group.map(nameOf))].join(', ');
    return `## ${title} {#${anchorOf(group)}}\n\n\`\`\`c\n${group.map(declaration).join('\n')}\n\`\`\`\n\n${descriptionOf(group[0])}\n`;
  });
  return `# ${header}\n\n\`#include <${header}>\`\n\n${descriptionOf(compound)}\n\n${parts.join('\n')}`;
}

/** @param {Map<string, Node>} byHeader */
function indexOf(byHeader) {
  const parts = Object.entries(kHeaders).map(([header, what]) => {
    const links = groupsOf(byHeader.get(header)).flatMap((group) => group.map((member) => `[\`${nameOf(member)}\`](./${header}.md#${anchorOf(group)})`));
    return `## [${header}](./${header}.md)\n\n${what}\n\n${links.join(' ')}\n`;
  });
  return `# C reference\n\nMade from the headers in \`include/\` by Doxygen. What later versions keep of it is in [the contract](../../docs/contract.md).\n\n${parts.join('\n')}`;
}

// Doxygen's XML ----------------------------------------------------------------------------------------------------------------------

/** @param {Node} node */
const childrenOf = (node) => node[Object.keys(node).find((name) => name !== ':@')] ?? [];
/** @param {Node} node @param {string} name */
const childrenNamed = (node, name) => childrenOf(node).filter((/** @type {Node} */ inner) => name in inner);
/** @param {Node} node @param {string} name */
const child = (node, name) => childrenNamed(node, name)[0] ?? { [name]: [] };
/** @param {Node} node @returns {string} */
const textOf = (node) => ('#text' in node ? String(node['#text']) : childrenOf(node).map(textOf).join(''));
/** @param {Node} member */
const nameOf = (member) => textOf(child(member, 'name'));
/** An enum may have the name of a function. @param {Node[]} group */
const anchorOf = ([first]) => (first[':@'].kind === 'enum' ? 'enum-' : '') + nameOf(first).toLowerCase();
/** @param {Node} member @param {string} [attribute] */
const lineOf = (member, attribute = 'line') => Number(child(member, 'location')[':@'][attribute]);
/** @param {Node} member */
const lastLineOf = (member) => Math.max(lineOf(member), lineOf(member, 'bodyend') || 0);

/** Functions, types, enums and macros with a meaning, in the order of the header. @param {Node} compound */
function membersOf(compound) {
  return childrenNamed(compound, 'sectiondef')
    .flatMap((section) => childrenNamed(section, 'memberdef'))
    .filter((member) => !/^(MEMORY_WASM_.*_H|MEMORY_WASM_H)$/.test(nameOf(member)))
    .sort((a, b) => lineOf(a) - lineOf(b));
}

/** Members that one comment is about: it stands above the first, and the others follow it line by line. @param {Node} compound */
function groupsOf(compound) {
  /** @type {Node[][]} */
  const groups = [];
  for (const member of membersOf(compound)) {
    const last = groups.at(-1);
    if (last && !descriptionOf(member) && lineOf(member) === lastLineOf(/** @type {Node} */ (last.at(-1))) + 1) last.push(member);
    else groups.push([member]);
  }
  return groups;
}

/** @param {Node} member */
function declaration(member) {
  const { kind } = member[':@'];
  if (kind === 'define') return `#define ${nameOf(member)} ${textOf(child(member, 'initializer'))}`;
  if (kind === 'enum') {
    const lines = childrenNamed(member, 'enumvalue').map((value) => `  ${nameOf(value)} ${textOf(child(value, 'initializer'))},${remark(value)}`);
    return `enum ${nameOf(member)} {\n${lines.join('\n')}\n};`;
  }
  return `${textOf(child(member, 'definition'))}${textOf(child(member, 'argsstring'))};`.replace(/ (\*+) ?/g, '$1 ').replaceAll('* )', '*)');
}

/** What stands behind a value of an enum. @param {Node} value */
function remark(value) {
  const text = descriptionOf(value);
  return text && ` /* ${text} */`;
}

/** @param {Node} node */
const descriptionOf = (node) =>
  ['briefdescription', 'detaileddescription']
    .map((name) => markdownOf(child(node, name)).trim())
    .filter(Boolean)
    .join('\n\n');

/** @param {Node} node @returns {string} */
function markdownOf(node) {
  const inside = () => childrenOf(node).map(markdownOf).join('');
  if ('#text' in node) return escaped(String(node['#text']));
  if ('para' in node) return `${inside().trim()}\n\n`;
  if ('computeroutput' in node) return `\`${textOf(node)}\``;
  if ('verbatim' in node || 'preformatted' in node || 'programlisting' in node) return `\n\n\`\`\`c\n${textOf(node).replace(/^\n+|\s+$/g, '')}\n\`\`\`\n\n`;
  if ('listitem' in node) return `- ${inside().trim()}\n`;
  if ('sp' in node) return ' ';
  return inside();
}

/** @param {string} text */
const escaped = (text) => text.replace(/[<>*_[\]]/g, (letter) => ({ '<': '&lt;', '>': '&gt;' })[letter] ?? `\\${letter}`);
