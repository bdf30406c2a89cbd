// A command records the processes and temporary folders that it has, so that they can still be
// ended and removed after a `kill -9`: by its watchdog at once, or by the next command.
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readJson } from '../json.mjs';
import { dataPath } from '../place.mjs';
import { isAlive } from './identity.mjs';

/** @typedef {import('./identity.mjs').ProcessProof} ProcessProof */
/**
 * A process that may outlive its command, and how it is ended.
 * @typedef {ProcessProof & { name: string, stopSignal: NodeJS.Signals, stopLimitMs: number }}
 *   RecordedProcess
 */
/** @typedef {{ owner: ProcessProof, children: RecordedProcess[], folders: string[] }} Leftovers */

const SUFFIX = '.children.json';
const POLL_MS = 50;

/** Path of a new record. */
export const newRecord = () =>
  join(dataPath('run'), `${process.pid}-${randomBytes(3).toString('hex')}${SUFFIX}`);

/**
 * Asks a process to end, and insists after its limit. Resolves when it is gone.
 * @param {RecordedProcess} child
 */
export async function endProcess(child) {
  const deadline = Date.now() + child.stopLimitMs;
  /** @type {NodeJS.Signals | 0} */
  let signal = child.stopSignal;
  while (isAlive(child)) {
    try {
      process.kill(child.pid, signal);
    } catch {
      // It ended between the proof and the signal.
    }
    await pause(POLL_MS);
    signal = Date.now() > deadline ? 'SIGKILL' : 0;
  }
}

/**
 * Ends what the record of a dead command lists, the last started first, and removes its folders.
 * @param {string} path
 * @returns {Promise<string[]>} names of what was still running
 */
export async function endLeftovers(path) {
  /** @type {Leftovers | undefined} */
  const record = readJson(path);
  if (record === undefined || isAlive(record.owner)) return [];
  const left = record.children.filter(isAlive).toReversed();
  for (const child of left) await endProcess(child);
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
