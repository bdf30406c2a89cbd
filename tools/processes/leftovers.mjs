// A command records the processes and temporary folders that it has, so that they can still be
// ended and removed after a `kill -9`: by its watchdog at once, or by the next command.
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dataPath } from '../place.mjs';
import { isAlive } from './identity.mjs';

/** @typedef {import('./identity.mjs').ProcessProof} ProcessProof */
/**
 * A process that may outlive its command, and how it is ended.
 * @typedef {ProcessProof & { name: string, stopSignal: NodeJS.Signals, stopLimitMs: number }} RecordedProcess
 */
/** @typedef {{ owner: ProcessProof, children: RecordedProcess[], folders: string[] }} Leftovers */

/** The end of a record's name. */
export const SUFFIX = '.children.json';
const POLL_MS = 50;

/**
 * Replaces the record; an interrupted write leaves the former one.
 * @param {string} path
 * @param {Leftovers} record
 */
export function writeRecord(path, record) {
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** @param {RecordedProcess} child */
async function end(child) {
  const deadline = Date.now() + child.stopLimitMs;
  /** @type {NodeJS.Signals | 0} */
  let name = child.stopSignal;
  while (isAlive(child)) {
    try {
      process.kill(child.pid, name);
    } catch {
      // It ended between the proof and the signal.
    }
    await pause(POLL_MS);
    name = Date.now() > deadline ? 'SIGKILL' : 0;
  }
}

/**
 * Ends what the record of a dead command lists, the last started first, and removes its temporary folders.
 * @param {string} path
 * @returns {Promise<string[]>} names of what was still running
 */
export async function endLeftovers(path) {
  /** @type {Leftovers} */
  let record;
  try {
    record = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
  if (isAlive(record.owner)) return [];
  const left = record.children.filter(isAlive).toReversed();
  for (const child of left) await end(child);
  for (const folder of [...record.folders, path]) rmSync(folder, { recursive: true, force: true });
  return left.map(({ name }) => name);
}

/** Ends what any dead command of this clone left running. */
export async function endAllLeftovers() {
  const records = readdirSync(dataPath('run')).filter((name) => name.endsWith(SUFFIX));
  const ended = [];
  for (const name of records) ended.push(...(await endLeftovers(join(dataPath('run'), name))));
  return ended;
}
