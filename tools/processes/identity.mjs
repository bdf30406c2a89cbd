// A process id alone proves nothing: ids are used again. Together with the moment the process
// started it does, and only a process proved to be ours is ever ended.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Proof that a process id still means the same process.
 * @typedef {{ readonly pid: number, readonly identity?: string | undefined }} ProcessProof
 */

const bootId = readOrEmpty('/proc/sys/kernel/random/boot_id').trim();

/** @param {string} path */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} pid */
function fromProc(pid) {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  return state === 'Z' ? undefined : `${bootId}/${startTicks}`;
}

/**
 * @param {number} pid
 * @param {string} column
 */
function ps(pid, column) {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/**
 * A text that stays the same as long as the process lives and differs for any later process with the same id.
 * @param {number} pid
 * @returns {string | undefined} undefined when no such process runs
 */
export function processIdentity(pid) {
  if (process.platform === 'linux') return fromProc(pid);
  return ps(pid, 'lstart') || undefined;
}

/**
 * The command line of a running process, empty when there is none.
 * @param {number} pid
 */
export function commandLine(pid) {
  if (process.platform === 'linux')
    return readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return ps(pid, 'command');
}

/**
 * The process that started this one, as far as it still runs.
 * @param {number} pid
 */
function parentOf(pid) {
  if (process.platform !== 'linux') return Number(ps(pid, 'ppid'));
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/**
 * The processes between a person and this one when `npm run` started it: npm, and where there is one the shell it uses.
 * @returns {ProcessProof[]}
 */
export function npmAbove() {
  const parent = process.ppid;
  const pids = commandLine(parent).startsWith('npm') ? [parent] : [parent, parentOf(parent)];
  return pids.map((pid) => ({ pid, identity: processIdentity(pid) }));
}

/**
 * Whether exactly this process still runs.
 * @param {ProcessProof} proof
 */
export function isAlive({ pid, identity }) {
  return identity !== undefined && processIdentity(pid) === identity;
}
