// The paths of this clone. One file, because tests and a second stack move it by
// QUITTANCE_DATA.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's top folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Everything the local stack keeps: databases, keys, logs. `QUITTANCE_DATA` moves it, default
 * `.data`.
 */
export const dataFolder = resolve(root, process.env['QUITTANCE_DATA'] ?? '.data');

/**
 * Path of a folder below the data folder, created when missing.
 * @param {string[]} names
 */
export function dataPath(...names) {
  const path = join(dataFolder, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}
