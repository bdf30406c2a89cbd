// A process id alone proves nothing, because ids are used again. Together with the moment at which
// the process started it does, and only a process proved to be ours is ever ended.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Proof that a process id still means the same process. `identity` differs for any later process
 * with the id; undefined if there was no such process.
 * @typedef {{ readonly pid: number, readonly identity: string | undefined }} ProcessProof
 */

/** @param {string} path below /proc */
const proc = (path) => readFileSync(`/proc/${path}`, 'utf8').trim();

/** @type {(pid: number) => string | undefined} */
function identityOf(pid) {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8' }).trim();
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    const fields = proc(`${pid}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : `${proc('sys/kernel/random/boot_id')}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** @type {(pid: number) => ProcessProof} */
export const proofOf = (pid) => ({ pid, identity: identityOf(pid) });

/** @type {(proof: ProcessProof) => boolean} whether exactly this process still runs */
export const isAlive = ({ pid, identity }) =>
  identity !== undefined && identityOf(pid) === identity;
