// A command records what it has started, so that it can still be ended after a `kill -9`: by the
// watchdog at once, or by the next command.
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dataPath } from '../place.mjs';
import { isAlive, processIdentity } from './identity.mjs';

/**
 * A process that may outlive its command, and how it is ended.
 * @typedef {import('./identity.mjs').ProcessProof & { name: string, stopSignal: NodeJS.Signals, stopLimitMs: number }} RecordedProcess
 */

const SUFFIX = '.children.json';
const POLL_MS = 50;

/** A file for what one command (or one test file) has running. */
export function newRecordPath() {
  return join(dataPath('run'), `${process.pid}-${randomBytes(3).toString('hex')}${SUFFIX}`);
}

/**
 * Replaces the record; an interrupted write leaves the former one.
 * @param {string} path
 * @param {{ children: RecordedProcess[], folders: string[] }} content
 */
export function writeRecord(path, { children, folders }) {
  const owner = { pid: process.pid, identity: processIdentity(process.pid) };
  writeFileSync(`${path}.new`, JSON.stringify({ owner, children, folders }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/**
 * @param {RecordedProcess} child
 * @param {NodeJS.Signals} name
 */
function signal(child, name) {
  try {
    process.kill(child.pid, name);
  } catch {
    // It ended between the proof and the signal.
  }
}

/** @param {RecordedProcess} child */
async function end(child) {
  if (!isAlive(child)) return false;
  signal(child, child.stopSignal);
  const deadline = Date.now() + child.stopLimitMs;
  while (isAlive(child)) {
    if (Date.now() > deadline) signal(child, 'SIGKILL');
    await pause(POLL_MS);
  }
  return true;
}

/**
 * Ends what the record of a dead command lists, the last started first, and removes its temporary folders.
 * @param {string} path
 * @returns {Promise<string[]>} names of what was still running
 */
export async function endLeftovers(path) {
  /**
   * @type {{ owner: import('./identity.mjs').ProcessProof, children: RecordedProcess[], folders:
   * string[] }}
   */
  let record;
  try {
    record = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
  if (isAlive(record.owner)) return [];
  /** @type {string[]} */
  const ended = [];
  for (const child of record.children.toReversed()) {
    if (await end(child)) ended.push(child.name);
  }
  for (const folder of record.folders) rmSync(folder, { recursive: true, force: true });
  rmSync(path, { force: true });
  return ended;
}

/** Ends what any dead command of this clone left running. */
export async function endAllLeftovers() {
  /** @type {string[]} */
  const ended = [];
  for (const name of readdirSync(dataPath('run'))) {
    if (name.endsWith(SUFFIX)) ended.push(...(await endLeftovers(join(dataPath('run'), name))));
  }
  return ended;
}
