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

/** @type {(path: string, holder: LockHolder) => boolean} */
function create(path, holder) {
  try {
    symlinkSync(JSON.stringify(holder), path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  }
}

/** @type {(path: string) => LockHolder | undefined} */
function livingHolder(path) {
  try {
    const holder = JSON.parse(readlinkSync(path));
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes the lock of a holder that is gone. It is moved away first: should a living holder have
 * slipped in, it is put back.
 * @param {string} path
 */
function removeStale(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Another process was faster.
  }
  const holder = livingHolder(aside);
  if (holder) create(path, holder);
  rmSync(aside);
}

/**
 * Takes the lock if it is free.
 * @param {string} name
 * @returns {{ release: () => void, holder?: undefined } | { release?: undefined, holder: LockHolder
 *   }}
 */
export function tryLock(name, purpose = `npm run ${process.env['npm_lifecycle_event'] ?? name}`) {
  const path = join(dataPath('run'), `${name}.lock`);
  while (!create(path, { ...proofOf(process.pid), purpose })) {
    const holder = livingHolder(path);
    if (holder) return { holder };
    removeStale(path);
  }
  return { release: () => rmSync(path, { force: true }) };
}

/**
 * Runs `work` while holding the lock. `say` is called if another process has to finish first.
 * @type {<T>(name: string, say: (detail: string) => void, work: () => Promise<T>) => Promise<T>}
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
