// The cost of a process so far, as the kernel counts it. Linux only; elsewhere every figure is 0.
import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second on every Linux (`getconf CLK_TCK`). */
const TICK_MS = 10;

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** The fields of `/proc/<pid>/stat` from the third on, the state (proc(5)). */
function stat(pid: number): string[] {
  const text = readProc(pid, 'stat');
  // The name in brackets may hold spaces and brackets of its own.
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const childrenOf = (pid: number): number[] =>
  readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * The kernel's letter, such as `R` running, `S` waiting, `T` stopped; empty if the process is gone.
 */
export const processState = (pid: number): string => stat(pid)[0] ?? '';

/** CPU time since the start, in milliseconds; of a family also that of children that have ended. */
export function cpuMs(pid: number, { family = false } = {}): number {
  const ticks = stat(pid).slice(11, family ? 15 : 13);
  const ofChildren = family ? childrenOf(pid).map((child) => cpuMs(child)) : [];
  return sum(ticks.map(Number)) * TICK_MS + sum(ofChildren);
}

/** The sum of a line of a file of `/proc/<pid>` in megabytes, to one digit. */
function megabytes(pids: readonly number[], file: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm');
  const kilobytes = pids.map((pid) => Number(line.exec(readProc(pid, file))?.[1] ?? 0));
  return Math.round(sum(kilobytes) / 102.4) / 10;
}

/**
 * Resident memory in MB. Of a family it is the sum of proportional shares, because otherwise the
 * memory that its processes share would count many times; the kernel keeps no peak of that.
 */
export function memoryMb(pid: number, { family = false } = {}): { now: number; peak?: number } {
  if (family) return { now: megabytes([pid, ...childrenOf(pid)], 'smaps_rollup', 'Pss') };
  return { now: megabytes([pid], 'status', 'VmRSS'), peak: megabytes([pid], 'status', 'VmHWM') };
}
