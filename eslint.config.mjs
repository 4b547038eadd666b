// The linter's rules for js/ and tools/. Names and types are checked by tsc; the form by prettier.

import js from '@eslint/js';
import globals from 'globals';

/** Lines of code that a function may have: a large screen. */
const functionsFit = (max) => ['error', { max, skipBlankLines: true, skipComments: true }];

export default [
  { ignores: ['**', '!js/', '!js/**', '!tools/', '!tools/**', '**/node_modules/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module', globals: globals['shared-node-browser'] },
    rules: {
      'max-lines-per-function': functionsFit(80),
      'no-control-regex': 'off', // what is taken out of messages
      'no-self-assign': ['error', { props: false }], // how a global tells that it is immutable
      'no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'none', ignoreRestSiblings: true }],
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      eqeqeq: 'error',
    },
  },
  { files: ['js/inspector/**'], languageOptions: { globals: globals.browser } },
  { files: ['js/cli/**', 'tools/**'], languageOptions: { globals: globals.node } },
  // One pass over a program, with what it knows of it in closures.
  { files: ['js/adopt/**', 'js/check/**'], rules: { 'max-lines-per-function': functionsFit(400) } },
];
