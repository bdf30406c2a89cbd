import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sourcePlaceOf } from './mapped-stacks.js';

/** The compiled file's first line is the tenth of `src/a.ts`, from its third column on. */
const MAP = JSON.stringify({ version: 3, sources: ['src/a.ts'], names: [], mappings: 'AASE' });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mapped-'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['a', 'node_modules/a']) writeFileSync(join(folder, `${name}.js.map`), MAP);
  writeFileSync(join(folder, 'broken.js.map'), '{"version":3');
});
afterAll(() => rmSync(folder, { recursive: true }));

const placeIn = (file: string) => `${pathToFileURL(join(folder, file)).href}:1:5`;

it.each([
  ['a function', (place: string) => `work (${place})`],
  ['a method of an async call', (place: string) => `async Store.load (${place})`],
  ['the top of a module', (place: string) => place],
])('names the source of %s', (_, frame) => {
  expect(sourcePlaceOf(frame(placeIn('a.js')))).toBe(frame(`${join(folder, 'src/a.ts')}:10:3`));
});

it.each([
  ['has no map', 'other.js'],
  ['has a map that cannot be read', 'broken.js'],
  ['belongs to a package', 'node_modules/a.js'],
])('names the compiled file if it %s', (_, file) => {
  const frame = `work (${placeIn(file)})`;
  expect(sourcePlaceOf(frame)).toBe(frame);
});

it.each(['new Promise (<anonymous>)', 'process.processTicksAndRejections (node:internal/x:95:5)'])(
  'leaves the frame "%s" as it is',
  (frame) => expect(sourcePlaceOf(frame)).toBe(frame),
);
