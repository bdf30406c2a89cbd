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
 * Takes the lock if it is free. `purpose` is a person's name for the process that has it.
 * @param {string} name
 * @returns {{ release: () => void, holder?: undefined } | { release?: undefined,
 *   holder: import('./identity.mjs').ProcessProof & { purpose: string } }}
 */
export function tryLock(name, purpose = `npm run ${process.env['npm_lifecycle_event'] ?? name}`) {
  const place = join(dataPath('run'), `${name}.lock`);
  const own = mkdtempSync(`${place}-`);
  const file = basename(own);
  writeJson(join(own, file), { ...proofOf(process.pid), purpose });
  for (;;) {
    try {
      renameSync(own, place);
      return { release: () => rmSync(join(place, file), { force: true }) };
    } catch (error) {
      if (!/ENOTEMPTY|EEXIST/.test(String(error))) throw error;
    }
    for (const other of readdirSync(place)) {
      const holder = readJson(join(place, other));
      if (!holder || !isAlive(holder)) rmSync(join(place, other), { force: true });
      else {
        rmSync(own, { recursive: true });
        return { holder };
      }
    }
  }
}

/**
 * Runs `work` while holding the lock. `say` is called if another process has to finish first.
 * @type {<T>(name: string, say: (detail: string) => void, work: () => Promise<T>) => Promise<T>}
 */
export async function withLock(name, say, work) {
  for (;;) {
    const { release, holder } = tryLock(name);
    if (release) return work().finally(release);
    say(`waiting for process ${holder.pid} (${holder.purpose})`);
    await pause(POLL_MS);
  }
}
