// The reference of the JavaScript: TypeDoc reads the types that ship, and writes pages of Markdown.

import { join } from 'node:path';
import { Application } from 'typedoc';

const kEntries = ['memory', 'memory.merge', 'memory.cli', 'memory.inspector', 'memory.watch'];

/** @param {string} root @param {string} into */
export async function writeJsReference(root, into) {
  const application = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: kEntries.map((name) => join(root, 'dist', `${name}.d.ts`)),
    tsconfig: join(root, 'tools', 'site', 'tsconfig.json'),
    out: into,
    name: 'JavaScript reference',
    readme: 'none',
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeNotDocumented: false,
    entryFileName: 'index',
    outputFileStrategy: 'modules',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    sanitizeComments: true,
    logLevel: 'Error',
  });
  const project = await application.convert();
  if (!project) throw new Error('TypeDoc found errors in the types of dist/');
  await application.generateOutputs(project);
}
