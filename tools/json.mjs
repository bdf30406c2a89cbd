// Files in which commands keep what they know: readable by their owner only, and replaced whole.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * Content of a file; undefined if there is none, or if it is not JSON.
 * @param {string} path
 * @returns {any}
 */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file; an interrupted write leaves the former one.
 * @param {string} path
 * @param {unknown} content
 */
export function writeJson(path, content) {
  writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
