// Whether a process is stopped by SIGSTOP, from the kernel's own view.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

async function stateOf(pid) {
  // The name in brackets may hold anything; the state follows the last of them.
  if (existsSync('/proc/self/stat'))
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
  const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
  return stdout.trim()[0];
}

export async function isFrozen(pid) {
  return (await stateOf(pid)) === 'T';
}
