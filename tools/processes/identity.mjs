// A process id alone proves nothing, because ids are used again. Together with the moment at which
// the process started it does, and only a process proved to be ours is ever ended.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Proof that a process id still means the same process.
 * @typedef {{ readonly pid: number, readonly identity?: string | undefined }} ProcessProof
 */

/** @param {() => string} read */
function orEmpty(read) {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** @param {string} path below /proc */
const proc = (path) => orEmpty(() => readFileSync(`/proc/${path}`, 'utf8'));
/** @type {(pid: number, column: string) => string} */
const ps = (pid, column) =>
  orEmpty(() => execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }));

/**
 * A text that stays the same as long as the process lives and differs for any later process with
 * the same id; undefined if no such process runs.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function processIdentity(pid) {
  if (process.platform !== 'linux') return ps(pid, 'lstart') || undefined;
  const stat = proc(`${pid}/stat`);
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isGone = stat === '' || fields[0] === 'Z';
  return isGone ? undefined : `${proc('sys/kernel/random/boot_id')}/${fields[19]}`;
}

/**
 * Whether exactly this process still runs.
 * @param {ProcessProof} proof
 */
export function isAlive({ pid, identity }) {
  return identity !== undefined && processIdentity(pid) === identity;
}

/**
 * The command line of a running process, empty if there is none.
 * @param {number} pid
 */
export function commandLine(pid) {
  if (process.platform !== 'linux') return ps(pid, 'command');
  return proc(`${pid}/cmdline`).replaceAll('\0', ' ');
}
