// A process id alone proves nothing, because ids are used again. Together with the moment at which
// the process started it does, and only a process proved to be ours is ever ended.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Proof that a process id still means the same process. `identity` stays the same as long as the
 * process lives and differs for any later one with its id; undefined if there is no such process.
 * @typedef {{ readonly pid: number, readonly identity: string | undefined }} ProcessProof
 */

const isLinux = process.platform === 'linux';

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

/** @param {number} pid */
function identityOf(pid) {
  if (!isLinux) return ps(pid, 'lstart') || undefined;
  const stat = proc(`${pid}/stat`);
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isGone = stat === '' || fields[0] === 'Z';
  return isGone ? undefined : `${proc('sys/kernel/random/boot_id')}/${fields[19]}`;
}

/** @type {(pid: number) => ProcessProof} */
export const proofOf = (pid) => ({ pid, identity: identityOf(pid) });

/** @type {(proof: ProcessProof) => boolean} whether exactly this process still runs */
export const isAlive = ({ pid, identity }) =>
  identity !== undefined && identityOf(pid) === identity;

/** @type {(pid: number) => string} the command line of a running process, empty if there is none */
export const commandLine = (pid) =>
  isLinux ? proc(`${pid}/cmdline`).replaceAll('\0', ' ') : ps(pid, 'command');
