// Two commands in one clone must not work on the same folder at once. A lock is a file naming its
// holder; one whose holder is gone (killed, power cut) is taken over.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dataPath } from '../place.mjs';
import { isAlive, processIdentity } from './identity.mjs';

const POLL_MS = 200;

/**
 * The process that has the lock, and what a person would call it.
 * @typedef {import('./identity.mjs').ProcessProof & { readonly purpose: string }} LockHolder
 */

/**
 * @param {string} path
 * @returns {LockHolder | undefined}
 */
function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function linkIfAbsent(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;

/** What a person would call this command. */
function commandName() {
  const script = process.env['npm_lifecycle_event'];
  return script === undefined ? 'node' : `npm run ${script}`;
}

/**
 * Moves a dead holder's file away. Should a living one have slipped in between, it is put back.
 * @param {string} path
 */
function removeDead(path) {
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && isAlive(moved)) linkIfAbsent(aside, path);
  rmSync(aside, { force: true });
}

/**
 * Takes the lock if it is free.
 * @param {string} name
 * @returns {{ release: () => void, holder?: undefined } | { release?: undefined, holder: LockHolder }}
 */
export function tryLock(name, purpose = commandName()) {
  const path = join(dataPath('run'), `${name}.lock`);
  const mine = { pid: process.pid, identity: processIdentity(process.pid), purpose };
  const candidate = `${path}.${process.pid}`;
  writeFileSync(candidate, JSON.stringify(mine));
  try {
    for (;;) {
      if (linkIfAbsent(candidate, path)) return { release: () => rmSync(path, { force: true }) };
      const holder = readHolder(path);
      if (holder && isAlive(holder)) return { holder };
      removeDead(path);
    }
  } finally {
    rmSync(candidate, { force: true });
  }
}

/**
 * Runs `work` while holding the lock, waiting for its present holder first.
 * @template T
 * @param {string} name
 * @param {{ onWait?: (holder: LockHolder) => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, { onWait } = {}, work) {
  let isReported = false;
  for (;;) {
    const attempt = tryLock(name);
    if (attempt.release) {
      try {
        return await work();
      } finally {
        attempt.release();
      }
    }
    if (attempt.holder.pid === process.pid) throw new Error(`lock ${name} is already held here`);
    if (!isReported) onWait?.(attempt.holder);
    isReported = true;
    await pause(POLL_MS);
  }
}
