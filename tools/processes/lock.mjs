// Two commands in one clone must not work on the same folder at once. A lock is a link that names
// its holder in its text, because a link appears whole or not at all. One whose holder is gone
// (killed, power cut) is taken over.
import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dataPath } from '../place.mjs';
import { isAlive, proofOf } from './identity.mjs';

const POLL_MS = 200;

/**
 * The process that has the lock, and a person's name for it.
 * @typedef {import('./identity.mjs').ProcessProof & { readonly purpose: string }} LockHolder
 */

/**
 * Undefined if the operation failed with this code.
 * @template T
 * @param {string} code
 * @param {() => T} work
 * @returns {T | undefined}
 */
function unless(code, work) {
  try {
    return work();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== code) throw error;
    return undefined;
  }
}

/** @type {(path: string) => LockHolder | undefined} */
const holderOf = (path) => unless('ENOENT', () => JSON.parse(readlinkSync(path)));

/** @type {(path: string, holder: LockHolder) => boolean} */
const create = (path, holder) =>
  unless('EEXIST', () => symlinkSync(JSON.stringify(holder), path) ?? true) ?? false;

/**
 * Takes the lock if it is free.
 * @param {string} name
 * @returns {{ release: () => void, holder?: undefined } | { release?: undefined, holder: LockHolder }}
 */
export function tryLock(name, purpose = `npm run ${process.env['npm_lifecycle_event'] ?? name}`) {
  const path = join(dataPath('run'), `${name}.lock`);
  for (;;) {
    if (create(path, { ...proofOf(process.pid), purpose }))
      return { release: () => rmSync(path, { force: true }) };
    const holder = holderOf(path);
    if (holder && isAlive(holder)) return { holder };
    // Moved away before it is removed: should a living holder have slipped in, it is put back.
    const aside = `${path}.${process.pid}`;
    unless('ENOENT', () => renameSync(path, aside));
    const moved = holderOf(aside);
    if (moved && isAlive(moved)) create(path, moved);
    rmSync(aside, { force: true });
  }
}

/**
 * Runs `work` while holding the lock. `say` is called if another process has to finish first.
 * @template T
 * @param {string} name
 * @param {(detail: string) => void} say
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, say, work) {
  let lock = tryLock(name);
  if (lock.holder) say(`waiting for process ${lock.holder.pid} (${lock.holder.purpose})`);
  while (!lock.release) {
    await pause(POLL_MS);
    lock = tryLock(name);
  }
  return work().finally(lock.release);
}
