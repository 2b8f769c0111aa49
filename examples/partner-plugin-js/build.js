// Makes `dist/paper-and-screens.wasm`: one file of JavaScript, and the engine that runs it, as a component.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { componentize } from '@bytecodealliance/componentize-js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { component, imports } = await componentize({
  sourcePath: here('src/filter.js'),
  witPath: here('../../wit/0.2.0'),
  worldName: 'privacy-filter',
  // No chamber has any of these, and the host refuses a component that asks for them.
  disableFeatures: ['random', 'stdio', 'clocks', 'http', 'fetch-event'],
});

await mkdir(here('dist'), { recursive: true });
await writeFile(here('dist/paper-and-screens.wasm'), component);
const { name, version } = JSON.parse(await readFile(here('package.json'), 'utf8'));
console.log(`dist/${name}.wasm ${version}: ${component.length} bytes, imports ${imports.map(([from]) => from).join(', ')}`);
