// Two commands in one clone must not work on the same folder at once. A lock is a folder with one
// file, which names the holder. A rename puts the folder in place with its file, and fails as long
// as another holder's file is there. The file of a holder that is gone (killed, power cut) is
// removed by its own name, so a living holder's file never goes with it.
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readJson, writeJson } from '../json.mjs';
import { dataPath } from '../place.mjs';
import { isAlive, proofOf } from './identity.mjs';

const POLL_MS = 200;

/**
 * The process that has the lock, and a person's name for it.
 * @typedef {import('./identity.mjs').ProcessProof & { readonly purpose: string }} LockHolder
 */

/**
 * Puts a folder in the place of one that is absent or empty.
 * @type {(folder: string, place: string) => boolean}
 */
function isMoved(folder, place) {
  try {
    renameSync(folder, place);
    return true;
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    if (['ENOTEMPTY', 'EEXIST'].includes(code)) return false;
    throw error;
  }
}

/**
 * Takes the lock if it is free.
 * @param {string} name
 * @returns {{ release: () => void, holder?: undefined } | { release?: undefined, holder: LockHolder
 *   }}
 */
export function tryLock(name, purpose = `npm run ${process.env['npm_lifecycle_event'] ?? name}`) {
  const place = join(dataPath('run'), `${name}.lock`);
  const own = mkdtempSync(`${place}-`);
  writeJson(join(own, basename(own)), { ...proofOf(process.pid), purpose });
  while (!isMoved(own, place)) {
    for (const file of readdirSync(place)) {
      const holder = readJson(join(place, file));
      if (holder && isAlive(holder)) {
        rmSync(own, { recursive: true });
        return { holder };
      }
      rmSync(join(place, file), { force: true });
    }
  }
  return { release: () => rmSync(join(place, basename(own)), { force: true }) };
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
