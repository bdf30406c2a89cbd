// A command records the processes and temporary folders that it has, so that they can still be
// ended and removed after a `kill -9`: by its watchdog at once, or by the next command.
import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
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

const POLL_MS = 50;

/**
 * Removes a folder, and the one it is a link to (servers/postgres-home.ts).
 * @param {string} path
 */
export function remove(path) {
  const target = existsSync(path) ? realpathSync(path) : path;
  for (const each of [target, path]) rmSync(each, { recursive: true, force: true });
}

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
 * Ends what a record lists, the last started first, and removes its folders and the record.
 * @param {string} path
 * @param {Leftovers | undefined} record its content
 * @returns {Promise<string[]>} names of what was still running
 */
export async function endRecorded(path, record = readJson(path)) {
  if (record === undefined) return [];
  const left = record.children.filter(isAlive).toReversed();
  for (const child of left) await endProcess(child);
  for (const folder of [...record.folders, path]) remove(folder);
  return left.map(({ name }) => name);
}

/** Ends what any dead command of this clone left running. */
export async function endAllLeftovers() {
  const ended = [];
  for (const name of readdirSync(dataPath('run'))) {
    const path = join(dataPath('run'), name);
    /** @type {Leftovers | undefined} */
    const record = readJson(path);
    if (record && !isAlive(record.owner)) ended.push(...(await endRecorded(path, record)));
  }
  return ended;
}
